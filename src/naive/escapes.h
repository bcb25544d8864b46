#pragma once

// Backslash escapes of JSON strings, which logfmt has a part of.

#include <string>
#include <string_view>

namespace billing::naive {

/// Cuts one escape off `text`, which begins with its backslash, and appends what it means.
/// `letters` are those allowed behind the backslash beside `u`. False for any other, and for half
/// of a surrogate pair.
bool take_escape(std::string_view& text, std::string_view letters, std::string& out);

}  // namespace billing::naive
