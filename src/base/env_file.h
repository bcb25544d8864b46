#pragma once

// The `.env` format: lines `[export ]KEY=VALUE`. Spaces and tabs around key, `=` and value do not
// count; a value may stand as a whole in ' or "; `#` begins a comment at the line's start or after
// a space outside of quotes. No escapes, no interpolation, no values of several lines.
//
// The end of a key may stand in quotes, which is the only way to give it an `=`: `RATE_"a=b"=.005`
// is the key `RATE_a=b`. It is taken for that where nothing but letters, digits and `_` stands
// before the quote, no blank in it, and `=` behind it; else a quote is a character like others.
//
// A `.env` in a folder may belong to other programs as well: keys that are not ours are passed over
// whatever stands there, and what they hold never appears in a message.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace billing {

struct EnvSetting {
  std::string key;
  std::string value;
  std::size_t line;  ///< from 1

  bool operator==(const EnvSetting&) const = default;
};

/// The settings of `text` whose key `is_relevant`, in the order of the lines (a key may repeat). A
/// byte order mark and CRLF are allowed. What is wrong with a relevant line is appended to
/// `mistakes` as `file:line:column: …`, columns being bytes from 1.
std::vector<EnvSetting> parse_env_file(std::string_view text, std::string_view file,
                                       const std::function<bool(std::string_view key)>& is_relevant,
                                       std::vector<std::string>& mistakes);

}  // namespace billing
