#pragma once

// The strings and scalars of JSON, to the letter of RFC 8259.

#include <cstddef>
#include <optional>
#include <string_view>

#include "mapping/batch_text.h"

namespace billing {

/// Whether a token that is no string is `true`, `false`, `null` or a number.
bool is_json_scalar(std::string_view token);

/// What stands between the quotes of a string, with its escapes undone; nothing where one is wrong,
/// or one half of a surrogate pair stands alone. The bytes are valid UTF-8 without controls.
std::optional<std::string_view> unescape_json(std::string_view text, BatchText& texts);

}  // namespace billing
