#pragma once

#include <string>

// RapidJSON 1.1 refuses some valid JSON, and takes some that is not. Its text is rewritten before it is
// parsed, byte for byte of the same length, so that every offset stays one into the original.
namespace airouter::json {

// Escaped lone surrogates become \uFFFD, and numbers too large for a double smaller ones; what a handler gets
// is the original digits. Control bytes in strings become one that RapidJSON refuses: where it reads 16 bytes
// at a time, it takes those from 0x1A on for text. The text need not be valid.
void mend_json(std::string& text);

// A byte order mark at the start becomes blanks.
void blank_byte_order_mark(std::string& text);

}  // namespace airouter::json
