#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <airouter/config.h>

#include "language.h"
#include "options.h"
#include "store/config_store.h"

// What commands have in common: which files the command line means, and how they say what is wrong with them.
namespace airouterd {

// A line on the standard error.
void complain(const std::string& text);

// The config file of the command line, else the default one; whether it is there or not.
std::string file_of(const Options& options);

std::filesystem::path data_folder_of(const Options& options);

// Where the config of a server lives that these options start.
store::ConfigPlace place_of(const Options& options);

// Where to find the server that these options mean: where they say, else where one runs that has their data
// folder, else where one would be.
std::string address_of(const Options& options, const store::ServerConfig& server);

// A problem with its place, in this language.
std::string text_of(airouter::ConfigProblem problem, Language language);

// What to print of a problem: with the file's name, so that editors and people find the place.
std::string line_of(const std::string& file, const airouter::ConfigProblem& problem, Language language);

// Says why a config was not taken.
void complain_of(const std::string& file, const store::ConfigOutcome& outcome, Language language);

// Says why a config could not even be read. `reason` is English.
void complain_of_unreadable(const std::string& file, const std::string& reason, Language language);

// Reads the config to serve by. False: it cannot be used; why has been printed.
bool load(store::ConfigStore& config, const Options& options);

// What a config and the command line together are warned about.
std::vector<airouter::ConfigProblem> warnings_of(const store::LoadedConfig& config, const Options& options);

}  // namespace airouterd
