#pragma once

#include <optional>
#include <string_view>

#include "admin/body.h"
#include "admin/replies.h"
#include "admin/request.h"
#include "http/message.h"
#include "store/config_store.h"

// What a save or reload of the config is answered with.
namespace airouterd::admin {

// What is wrong with a config, or why it cannot be read or written, in both languages; printable.
Sentence sentence_of(std::string_view english);
Sentence sentence_of(const airouter::ConfigProblem& problem);

// A name for a save, in the words of its announcement; printable, however the name is spelt.
store::ConfigStore::Title titled(std::string_view english, std::string_view chinese, std::string_view name);

// What went wrong with a save of what was sent, whose problems are named by their fields below `base`, a JSON
// pointer; or with the file itself, without a base. Not for `done` and `refused`.
http::Reply refusal_of(const Request& request, const store::ConfigOutcome& outcome,
                       std::optional<std::string_view> base = {});

// Notes what the config's own rules say of what a save would make, each by its field below `base`, so that
// one answer names it beside everything else. What lies in a field that is complained of already is left out.
void complain_of_config(Body& body, const store::ConfigOutcome& outcome, std::string_view base);

// Why a name may not be given to a provider or a model, or an empty sentence. What the config's own rules say
// of it is left to them.
Sentence name_complaint(std::string_view name);

}  // namespace airouterd::admin
