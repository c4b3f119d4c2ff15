// The functions that index.js makes its classes of. They take and give texts, and two kinds of handles.
#include <airouter.h>
#include <memory>
#include <node_api.h>
#include <utility>
#include <vector>

#include "stream.h"
#include "values.h"

namespace {

constexpr napi_type_tag router_tag{0x6169726f75746572, 1};
constexpr napi_type_tag call_tag{0x6169726f75746572, 2};

// What a handle in JavaScript stands for. Used by JavaScript's thread only.
struct RouterHandle {
  airouter_router* router = nullptr;
  std::vector<std::weak_ptr<Stream>> streams{};

  // Threads that wait for JavaScript would never end while it waits for them.
  void close() {
    for (const auto& weak : std::exchange(streams, {}))
      if (const auto stream = weak.lock()) stream->stop_waiting();
    airouter_router_free(std::exchange(router, nullptr));
  }
  ~RouterHandle() { close(); }
};

struct CallHandle {
  std::shared_ptr<Stream> stream{};
  airouter_call* call = nullptr;

  void close() {
    if (stream) stream->abandon();
    airouter_call_free(std::exchange(call, nullptr));
  }
  ~CallHandle() { close(); }
};

template <class Handle>
napi_value wrapped(napi_env env, std::unique_ptr<Handle> handle, const napi_type_tag& tag) {
  napi_value object = nullptr;
  const auto destroy = [](napi_env, void* data, void*) { delete static_cast<Handle*>(data); };
  if (napi_create_object(env, &object) != napi_ok || napi_type_tag_object(env, object, &tag) != napi_ok ||
      napi_wrap(env, object, handle.get(), destroy, nullptr, nullptr) != napi_ok)
    return nullptr;
  static_cast<void>(handle.release());
  return object;
}

// The handle in an argument; null, with an exception pending, if it is none.
template <class Handle>
Handle* unwrapped(napi_env env, napi_value value, const napi_type_tag& tag) {
  bool is_tagged = false;
  void* handle = nullptr;
  if (napi_check_object_type_tag(env, value, &tag, &is_tagged) != napi_ok || !is_tagged ||
      napi_unwrap(env, value, &handle) != napi_ok) {
    throw_type_error(env, "not a handle of airouter");
    return nullptr;
  }
  return static_cast<Handle*>(handle);
}

RouterHandle* open_router(napi_env env, napi_value value) {
  auto* handle = unwrapped<RouterHandle>(env, value, router_tag);
  if (handle == nullptr || handle->router != nullptr) return handle;
  throw_type_error(env, "the router is closed");
  return nullptr;
}

// `error` is looked at after what sets it has run.
napi_value made_router(napi_env env, airouter_router* router, airouter_error* const& error) {
  if (router == nullptr) return throw_error(env, error), nullptr;
  auto handle = std::make_unique<RouterHandle>();
  handle->router = router;
  return wrapped(env, std::move(handle), router_tag);
}

napi_value create(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto config = text_of(env, arguments.values[0]);
  if (!config) return throw_type_error(env, "the config is no text"), nullptr;
  airouter_error* error = nullptr;
  return made_router(env, airouter_router_create(config->data(), config->size(), &error), error);
}

napi_value from_file(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto path = name_of(env, arguments.values[0]);
  if (!path) return throw_type_error(env, "the path is no text without NULs"), nullptr;
  airouter_error* error = nullptr;
  return made_router(env, airouter_router_from_file(path->c_str(), &error), error);
}

napi_value reload(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto config = text_of(env, arguments.values[1]);
  if (!config) return throw_type_error(env, "the config is no text"), nullptr;
  airouter_error* error = nullptr;
  if (auto* handle = open_router(env, arguments.values[0]))
    if (airouter_router_reload(handle->router, config->data(), config->size(), &error) != 0)
      throw_error(env, error);
  return nullptr;
}

napi_value close_router(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  if (auto* handle = unwrapped<RouterHandle>(env, arguments.values[0], router_tag)) handle->close();
  return nullptr;
}

napi_value given_text(napi_env env, airouter_string text, airouter_error* const& error) {
  if (text.bytes == nullptr) return throw_error(env, error), nullptr;
  napi_value value = string_of(env, airouter_view{text.bytes, text.length});
  airouter_string_free(text);
  return value;
}

napi_value models(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  airouter_error* error = nullptr;
  auto* handle = open_router(env, arguments.values[0]);
  return handle == nullptr ? nullptr : given_text(env, airouter_router_models(handle->router, &error), error);
}

napi_value health(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  airouter_error* error = nullptr;
  auto* handle = open_router(env, arguments.values[0]);
  return handle == nullptr ? nullptr : given_text(env, airouter_router_health(handle->router, &error), error);
}

napi_value explain(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto model = name_of(env, arguments.values[1]);
  if (!model) return throw_type_error(env, "the model is no text without NULs"), nullptr;
  airouter_error* error = nullptr;
  auto* handle = open_router(env, arguments.values[0]);
  if (handle == nullptr) return nullptr;
  return given_text(env, airouter_router_explain(handle->router, model->c_str(), &error), error);
}

napi_value reset_health(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto provider = name_of(env, arguments.values[1]);
  const auto model = name_of(env, arguments.values[2]);
  if (!provider || !model) return throw_type_error(env, "provider and model are texts without NULs"), nullptr;
  airouter_error* error = nullptr;
  if (auto* handle = open_router(env, arguments.values[0]))
    if (airouter_router_reset_health(handle->router, provider->c_str(), model->c_str(), &error) != 0)
      throw_error(env, error);
  return nullptr;
}

// The callbacks of a call hold the stream by a pointer to a shared one, which the last of them deletes.
using Shared = std::shared_ptr<Stream>;

std::string copied(airouter_view view) {
  return {view.bytes, view.length};
}

constexpr airouter_callbacks callbacks{
    sizeof(airouter_callbacks),
    [](void* user, airouter_view head) {
      return (*static_cast<Shared*>(user))->put({Stream::Item::Kind::head, copied(head), {}}) ? 0 : 1;
    },
    [](void* user, airouter_view data, airouter_view text) {
      return (*static_cast<Shared*>(user))->put({Stream::Item::Kind::data, copied(data), copied(text)}) ? 0
                                                                                                        : 1;
    },
    nullptr,
    [](void* user, const airouter_error* error, airouter_view summary) {
      const std::unique_ptr<Shared> stream(static_cast<Shared*>(user));
      (*stream)->put({Stream::Item::Kind::done, copied(airouter_error_json(error)), copied(summary)});
    },
    0,
};

// What wakes JavaScript; null, with an exception pending, if it cannot be made. One share of it is the
// call's, one is JavaScript's own. Node calls `forget` before it frees it.
napi_threadsafe_function waker(napi_env env, napi_value on_ready, const Shared& stream) {
  const auto forget = [](napi_env, void* data, void*) {
    const std::unique_ptr<Shared> forgetting(static_cast<Shared*>(data));
    (*forgetting)->forget_wake();
  };
  auto kept = std::make_unique<Shared>(stream);
  napi_threadsafe_function wake = nullptr;
  napi_value name = string_of(env, std::string("airouter"));
  if (napi_create_threadsafe_function(env, on_ready, nullptr, name, 0, 2, kept.get(), forget, nullptr,
                                      nullptr, &wake) != napi_ok) {
    throw_type_error(env, "no function to call when something has come");
    return nullptr;
  }
  static_cast<void>(kept.release());
  napi_unref_threadsafe_function(env, wake);
  return wake;
}

// start(router, request, options or null, onReady)
napi_value start(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  auto* router = open_router(env, arguments.values[0]);
  if (router == nullptr) return nullptr;
  const auto request = text_of(env, arguments.values[1]);
  const auto options = text_of(env, arguments.values[2]);
  if (!request) return throw_type_error(env, "the request is no text"), nullptr;

  auto handle = std::make_unique<CallHandle>();
  handle->stream = std::make_shared<Stream>();
  napi_threadsafe_function wake = waker(env, arguments.values[3], handle->stream);
  if (wake == nullptr) return nullptr;
  handle->stream->wake_by(wake);
  auto user = std::make_unique<Shared>(handle->stream);
  airouter_error* error = nullptr;
  handle->call = airouter_call_start(router->router, request->data(), request->size(),
                                     options ? options->c_str() : nullptr, &callbacks, user.get(), &error);
  if (handle->call == nullptr) {
    napi_release_threadsafe_function(wake, napi_tsfn_release);  // the call's share
    return throw_error(env, error), nullptr;
  }
  static_cast<void>(user.release());
  std::erase_if(router->streams, [](const auto& stream) { return stream.expired(); });
  router->streams.push_back(handle->stream);
  return wrapped(env, std::move(handle), call_tag);
}

// take(call): [kind, first, second, kind, …], see Stream::Item
napi_value take(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  auto* handle = unwrapped<CallHandle>(env, arguments.values[0], call_tag);
  if (handle == nullptr) return nullptr;
  napi_value list = nullptr;
  napi_create_array(env, &list);
  std::uint32_t next = 0;
  bool is_done = false;
  for (const Stream::Item& item : handle->stream->take()) {
    napi_value kind = nullptr;
    napi_create_uint32(env, static_cast<std::uint32_t>(item.kind), &kind);
    napi_set_element(env, list, next++, kind);
    napi_set_element(env, list, next++, string_of(env, item.first));
    napi_set_element(env, list, next++, string_of(env, item.second));
    is_done = item.kind == Stream::Item::Kind::done;
  }
  if (is_done) handle->close();
  return list;
}

// wait(call, yes or no): whether somebody waits, so that node stays
napi_value wait(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  bool waits = false;
  napi_get_value_bool(env, arguments.values[1], &waits);
  if (auto* handle = unwrapped<CallHandle>(env, arguments.values[0], call_tag))
    handle->stream->keep_loop_alive(env, waits);
  return nullptr;
}

napi_value cancel(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  if (auto* handle = unwrapped<CallHandle>(env, arguments.values[0], call_tag))
    airouter_call_cancel(handle->call);
  return nullptr;
}

napi_value close_call(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  if (auto* handle = unwrapped<CallHandle>(env, arguments.values[0], call_tag)) handle->close();
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  const std::pair<const char*, napi_callback> functions[] = {
      {"create", create},       {"fromFile", from_file}, {"reload", reload},
      {"models", models},       {"health", health},      {"explain", explain},
      {"start", start},         {"take", take},          {"resetHealth", reset_health},
      {"wait", wait},           {"cancel", cancel},      {"closeRouter", close_router},
      {"closeCall", close_call}};
  for (const auto& [name, function] : functions) {
    napi_value value = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
    napi_set_named_property(env, exports, name, value);
  }
  napi_set_named_property(env, exports, "version", string_of(env, std::string(airouter_version())));
  return exports;
}
