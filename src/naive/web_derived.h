#pragma once

// Fields that every web format has beside those of its definition, made of them.

#include <string_view>

#include "naive/value.h"

namespace billing::naive {

class WebFields;

/// Whether there is one of that name, `date` and `hour` included.
bool is_derived_web_field(std::string_view name);

/// Whether it depends on the event's time: `date` and `hour`.
bool is_derived_of_time(std::string_view name);

/// All but those of the time. Its column is that of the field it is made of.
Value derive_web_field(const WebFields& fields, std::string_view name);

}  // namespace billing::naive
