#pragma once

// Fields that every web format has beside those of its definition, made of them.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "naive/value.h"

namespace billing::naive {

/// Whether it depends on the event's time: `date` and `hour`.
bool is_derived_of_time(std::string_view name);

/// The field that one of this name, but those of the time, is made of: of several the first that is
/// known. Nothing where there is none.
std::optional<std::string> derivation_source(
    std::string_view name, const std::function<bool(std::string_view source)>& is_known);

/// Its column is that of the field it is made of.
Value derive_web_field(std::string_view name, std::string_view source, const Value& value);

}  // namespace billing::naive
