#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace airouterd::http {

// A whole reply as it goes over the wire, for what is answered without the library: always with Connection:
// close.
std::string closing_reply_text(const Reply& reply);

// A reply's head: the reply's own fields, and of the library's head for it only how the body is framed. Where
// the library decided on another status than the reply's, its head goes out as it is, but for the reason
// phrase.
std::string reply_head(const Reply& reply, std::string_view connection_field, std::string_view library_head);

// Whether a handler's field may be sent: a valid name and value, and none that the connection itself decides.
bool may_be_sent(const std::string& name, const std::string& value);

}  // namespace airouterd::http
