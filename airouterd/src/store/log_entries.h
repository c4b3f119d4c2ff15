#pragma once

#include "store/log_entry.h"
#include "store/log_event.h"

// Events as entries of the log. The entries borrow from the events.
namespace airouterd::store {

LogEntry entry_of(const CallStarted& event);
LogEntry entry_of(const CallFinished& event);
LogEntry entry_of(const airouter::HealthEvent& event);
LogEntry entry_of(const RequestRefused& event);
LogEntry entry_of(const Note& event);

}  // namespace airouterd::store
