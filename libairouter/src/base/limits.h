#pragma once

#include <chrono>
#include <cstddef>

// Every bound of the library, each with its reason.
namespace airouter::limits {

inline constexpr std::size_t kibibyte = 1024;
inline constexpr std::size_t mebibyte = 1024 * kibibyte;

// Deep nesting only serves to exhaust a parser's memory; real requests stay under 20.
inline constexpr std::size_t json_depth_max = 512;

// Longer than any real model id; a longer one is refused before it is stored anywhere.
inline constexpr std::size_t model_name_bytes_max = 512;
inline constexpr std::size_t provider_name_bytes_max = 128;

// A plain answer is held whole until it is judged.
inline constexpr std::size_t plain_answer_bytes_max = 64 * mebibyte;

// An error answer is for a person; what lies beyond is read by nobody.
inline constexpr std::size_t error_body_bytes_max = 64 * kibibyte;

// One event may carry a generated picture as a data URL.
inline constexpr std::size_t sse_event_bytes_max = 16 * mebibyte;

// Role chunks and empty deltas before the first output: a handful in reality.
inline constexpr std::size_t held_events_bytes_max = 1 * mebibyte;

// Unfinished events below this are not counted towards what all calls hold: nearly every one is.
inline constexpr std::size_t uncounted_event_bytes = 64 * kibibyte;

// Reads of bytes that came in time but are only looked at when an attempt's clock has run out.
inline constexpr int late_reads_max = 16;

// A wait that ends this late was no wait: the process was stopped, or the machine was. A caller who comes
// back to a call this late was away from it.
inline constexpr std::chrono::seconds pause_min{1};

// Absences before an answer has begun that are not the provider's fault.
inline constexpr int absences_max = 16;

// What one wait on an exchange may buffer before the upstream is paused.
inline constexpr std::size_t exchange_buffer_bytes = 64 * kibibyte;

// An answer's head: real ones stay under 8 KiB and 60 fields. 1xx heads count too.
inline constexpr std::size_t answer_head_bytes_max = 128 * kibibyte;
inline constexpr std::size_t answer_head_fields_max = 256;

// All bodies that are held at one time: the requests a server reads; those to its administration; what calls
// hold, which are plain answers and requests rewritten for another model name.
inline constexpr std::size_t request_bytes_in_flight_max = 128 * mebibyte;
inline constexpr std::size_t api_bytes_in_flight_max = 64 * mebibyte;
inline constexpr std::size_t call_bytes_in_flight_max = 128 * mebibyte;

// Idle connections: per provider, and in all. Two descriptors each, and about 20 KiB.
inline constexpr std::size_t idle_connections_per_origin_max = 256;
inline constexpr std::size_t idle_connections_max = 1024;

// Health of models that only a `*` admits: their names come from clients.
inline constexpr std::size_t wildcard_models_max = 4096;

// What a person reads of a provider's error.
inline constexpr std::size_t detail_bytes_max = 200;

// Keeps a caller's "for ever" from overflowing the clock.
inline constexpr std::chrono::milliseconds call_time_max = std::chrono::hours(24 * 365);

// An error answer whose body does not come is judged by its status.
inline constexpr std::chrono::milliseconds error_body_wait{5'000};

// A stream that has given its finish reason but does not end is ended: usage comes at once or never.
inline constexpr std::chrono::milliseconds stream_end_wait{5'000};

// After the last event, how long to wait for the end of the body, so that the connection can be used again.
inline constexpr std::chrono::milliseconds stream_tail_wait{20};

// Soonest-ending cooldown that is worth waiting for.
inline constexpr std::chrono::seconds cooldown_wait_max{2};

// At most one last resort per model in this time.
inline constexpr std::chrono::seconds last_resort_interval{5};

// Cooldown of the second and later providers that answer 5xx to a call nobody could answer.
inline constexpr std::chrono::seconds poison_cooldown{10};

// Cooldown instead of "until reset" for models that only a `*` admits.
inline constexpr std::chrono::seconds wildcard_cooldown{60};

// What a client is told to wait: openai-node 6 sleeps whatever it is told.
inline constexpr std::chrono::seconds retry_after_shown_max{60};

// What a provider may ask for.
inline constexpr std::chrono::seconds retry_after_honored_max{3600};

// A reused connection that dies within this time before any byte came was stale: the request is sent once
// more.
inline constexpr std::chrono::seconds stale_connection_window{1};

// Third and later attempts under way: this many, or a fifth of the calls under way.
inline constexpr int retry_budget_min = 3;
inline constexpr int retry_budget_divisor = 5;

}  // namespace airouter::limits
