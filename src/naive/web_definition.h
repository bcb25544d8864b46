#pragma once

// What a web server's configuration says of the lines of its log: nginx's `log_format` or Apache's
// `LogFormat`.

#include <string>
#include <string_view>
#include <vector>

namespace billing::naive {

/// A variable and the text that follows it.
struct WebField {
  std::string name;           ///< nginx's, also for Apache's directives, e.g. `remote_addr`
  std::string directive;      ///< Apache's own text, e.g. `%h`; else empty
  std::string unit;           ///< of Apache's times, e.g. `us`
  bool is_dash_zero = false;  ///< `-` is no missing value but 0
  std::string literal;        ///< behind it; empty only at the definition's end
};

struct WebDefinition {
  std::string begin;  ///< the text before the first field
  std::vector<WebField> fields;
};

/// Throws Error(configuration) where two fields have nothing between them, or where there is none.
WebDefinition parse_web_definition(std::string_view text);

}  // namespace billing::naive
