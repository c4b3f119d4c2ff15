#pragma once

#include <string>

#include "http/message.h"

namespace airouterd::http {

// A whole reply as it goes over the wire, for what is answered without the library: always with Connection:
// close.
std::string closing_reply_text(const Reply& reply);

// The same head with the reason phrase that belongs to its status; a text that is no such head is returned as
// it is.
std::string with_reason_phrase(std::string_view head);

// Whether a handler's field may be sent: a valid name and value, and none that the connection itself decides.
bool may_be_sent(const std::string& name, const std::string& value);

}  // namespace airouterd::http
