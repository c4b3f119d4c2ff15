// A library to preload: it stands in front of a program's resolver. Names under .slow are 127.0.0.1, which
// takes six seconds to find out; names under .missing don't exist. All others are the system's affair.
#include <dlfcn.h>
#include <netdb.h>
#include <string_view>
#include <time.h>

extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char* node, const char* service,
                                                                  const addrinfo* hints, addrinfo** result) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string_view name = node != nullptr ? node : "";
  if (name.ends_with(".missing")) return EAI_NONAME;
  if (!name.ends_with(".slow")) return real(node, service, hints, result);
  timespec left{6, 0};
  while (::nanosleep(&left, &left) != 0)
    continue;
  return real("127.0.0.1", service, hints, result);
}
