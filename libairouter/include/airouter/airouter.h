#pragma once
// The whole public API of libairouter.

#include <airouter/call.h>
#include <airouter/call_handle.h>
#include <airouter/clock.h>
#include <airouter/config.h>
#include <airouter/events.h>
#include <airouter/export.h>
#include <airouter/result.h>
#include <airouter/router.h>
#include <airouter/transport.h>
#include <airouter/version.h>
