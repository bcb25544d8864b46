#pragma once

// What a line of a web server's log consists of: fields and the literals between them, as the
// server's own configuration says (nginx: log_format, Apache: LogFormat).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace billing {

struct WebField {
  std::string name;          ///< as selectors call it: `remote_addr`
  std::string directive;     ///< as the definition does: `%h`; selectors may use it, too
  std::string unit = {};     ///< of a time that says so: `us` of `%D`; else empty
  std::string literal = {};  ///< behind it; empty only of the last
  bool is_quoted = false;    ///< stands between quotes, and ends at one that is not escaped
  bool is_padded = false;    ///< spaces may stand before it, which are no part of it
  bool is_one_word = false;  ///< a space or tab in it is a mistake
};

struct WebDefinition {
  std::string literal;  ///< before the first field
  std::vector<WebField> fields;
};

/// Takes a definition with or without the quoting of its configuration, and the words around it
/// (`log_format main '...';`, `LogFormat "..." combined`). Throws Error(configuration) that shows
/// the place of a mistake.
WebDefinition parse_web_definition(const std::string& text);

/// The unit that a directive of Apache tells of its time, as `%D` does; else empty: nginx's times
/// are seconds by habit alone. `name` may be the directive.
std::string told_unit(const WebDefinition& definition, std::string_view name);

}  // namespace billing
