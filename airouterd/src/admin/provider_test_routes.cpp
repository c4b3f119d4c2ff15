#include "admin/provider_test_routes.h"

#include <algorithm>
#include <iterator>

#include "admin/provider_item.h"
#include "admin/replies.h"
#include "base/limits.h"

namespace airouterd::admin {
namespace {

using airouter::json::Writer;
using store::TestResult;

// The models that can be asked for: a pattern is none.
std::vector<std::string> models_of(const airouter::Provider& provider) {
  std::vector<std::string> models;
  std::copy_if(provider.supported_models.begin(), provider.supported_models.end(), std::back_inserter(models),
               [](const std::string& model) { return model.find('*') == std::string::npos; });
  return models;
}

// A model that answers is healthy; so is its provider.
void close_breakers(airouter::Router& router, const std::vector<TestResult>& results) {
  for (const TestResult& result : results) {
    if (!result.success) continue;
    const auto reports = router.health();
    const bool is_provider_out = std::any_of(reports.begin(), reports.end(), [&](const auto& report) {
      return report.provider == result.provider && report.model.empty() &&
             report.state != airouter::HealthState::healthy;
    });
    router.reset_health(result.provider, is_provider_out ? std::string_view() : result.model);
  }
}

http::Reply run(const Context& context, Request& request, const std::vector<ProviderTester::Task>& tasks) {
  const auto results = context.tester.run(tasks, request.http().interrupt());
  if (!results)
    return problem(request, 429, "too_many_tests",
                   {"tests are under way already; wait for their results", "已有测试正在进行，请等待结果"});
  if (request.parameter("auto").value_or("") != "1") close_breakers(context.router, *results);
  Writer writer;
  writer.begin_object().key("results").begin_array();
  for (const TestResult& result : *results)
    write_result(writer, result);
  writer.end_array().end_object();
  return json_reply(writer);
}

}  // namespace

http::Reply test_provider(const Context& context, Request& request) {
  const auto config = context.config.current();
  const auto index = index_of(*config, request.name());
  if (!index)
    return problem(request, 404, "unknown_provider",
                   {"there is no provider of this name", "没有这个名称的服务商"});
  const airouter::Provider& provider = config->parsed.routing.providers[*index];
  std::vector<std::string> models = models_of(provider);
  if (const auto model = request.parameter("model")) {
    if (model->empty() || model->size() > airouter::limits::model_name_bytes_max)
      return problem(request, 400, "invalid_model", {"model names no model", "model 参数不是有效的模型名"});
    models = {*model};
  }
  if (models.empty())
    return problem(request, 400, "no_model",
                   {"the provider lists no model that could be asked for; name one with ?model=",
                    "该服务商没有可测试的模型；请用 ?model= 指定一个"});
  return run(context, request, {{provider, std::move(models)}});
}

http::Reply test_all_providers(const Context& context, Request& request) {
  const auto config = context.config.current();
  std::vector<ProviderTester::Task> tasks;
  for (const airouter::Provider& provider : config->parsed.routing.providers)
    if (provider.enabled) tasks.push_back({provider, models_of(provider)});
  return run(context, request, tasks);
}

http::Reply show_test_results(const Context& context, Request& /*request*/) {
  const auto config = context.config.current();
  Writer writer;
  writer.begin_object().key("results").begin_object();
  for (const TestResult& result : context.tester.results().of())
    if (index_of(*config, result.provider))
      write_result(writer.key(result.provider + ":" + result.model), result);
  writer.end_object().end_object();
  return json_reply(writer);
}

}  // namespace airouterd::admin
