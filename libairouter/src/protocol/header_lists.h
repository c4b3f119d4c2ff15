#pragma once

#include <airouter/config.h>
#include <airouter/transport.h>

namespace airouter::protocol {

// What goes to a provider: of the client's headers only the allowed ones, and the provider's own key. A value
// with control bytes in it, or one of unreasonable length, is dropped.
Headers request_headers(const Headers& client, const Provider& provider, bool stream);

// What passes on to the client: the provider's timings and, as x-upstream-request-id, its request id.
// content-type is not among them: whoever answers knows better what it sends.
Headers answer_headers(const Headers& upstream);

}  // namespace airouter::protocol
