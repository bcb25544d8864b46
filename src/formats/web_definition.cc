#include "formats/web_definition.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {
namespace {

/// Fields that are an address, a number, a status or a time: where they are not quoted, they are
/// one word, and a space in them shows that the line is of another form.
constexpr std::string_view kOneWord[] = {"remote_addr",
                                         "remote_port",
                                         "server_addr",
                                         "server_port",
                                         "server_name",
                                         "host",
                                         "status",
                                         "scheme",
                                         "request_method",
                                         "body_bytes_sent",
                                         "bytes_sent",
                                         "connection",
                                         "request_time",
                                         "request_length",
                                         "connection_requests",
                                         "msec",
                                         "pipe",
                                         "pid",
                                         "request_id",
                                         "time_iso8601",
                                         "remote_logname",
                                         "server_protocol",
                                         "realip_remote_addr"};

/// Fields that are one word with spaces before it, as its server writes columns: Squid's `%6tr`.
constexpr std::string_view kPadded[] = {"elapsed"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

struct ApacheDirective {
  char letter;
  std::string_view name;
  std::string_view unit = {};
};

constexpr ApacheDirective kApache[] = {{'h', "remote_addr"},
                                       {'a', "remote_addr"},
                                       {'u', "remote_user"},
                                       {'l', "remote_logname"},
                                       {'t', "time_local"},
                                       {'r', "request"},
                                       {'s', "status"},
                                       {'b', "body_bytes_sent"},
                                       {'B', "body_bytes_sent"},
                                       {'O', "bytes_sent"},
                                       {'I', "request_length"},
                                       {'D', "request_time", "us"},
                                       {'T', "request_time", "s"},
                                       {'v', "server_name"},
                                       {'V', "server_name"},
                                       {'p', "server_port"},
                                       {'m', "request_method"},
                                       {'U', "path"},
                                       {'q', "query"},
                                       {'X', "connection_status"},
                                       {'P', "pid"},
                                       {'H', "server_protocol"},
                                       {'A', "server_addr"},
                                       {'k', "connection_requests"},
                                       {'L', "request_id"},
                                       {'f', "request_filename"},
                                       {'R', "handler"},
                                       {'S', "bytes_transferred"}};

bool is_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// `X-Forwarded-For` -> `x_forwarded_for`
std::string header_name(std::string_view text) {
  std::string name(text);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-') c = '_';
  }
  return name;
}

[[noreturn]] void fail(std::string_view text, std::size_t at, const std::string& what) {
  constexpr std::size_t kShownBytes = 40;
  const std::size_t begin = at - std::min(at, kShownBytes / 2);
  throw Error(ErrorKind::configuration, std::string(1, kSettingMark) + "log-format: " + what +
                                            ", at byte " + std::to_string(at + 1) + ", near " +
                                            quoted_text(text.substr(begin, kShownBytes)));
}

/// Whether a configuration's own words stand before the definition, and off they go.
std::string_view without_keyword(std::string_view text) {
  text = trimmed(text);
  for (const std::string_view keyword :
       {std::string_view("log_format"), std::string_view("LogFormat")}) {
    if (!text.starts_with(keyword) || text.size() == keyword.size() ||
        !is_space(text[keyword.size()]))
      continue;
    // nginx gives the name, and what to escape how, before the definition; Apache the name behind.
    const std::size_t quote = text.find_first_of("'\"");
    if (quote != std::string_view::npos) text = text.substr(quote);
  }
  // Behind quotes it ends the statement; elsewhere it is a literal like others.
  if (text.ends_with(';')) {
    const std::string_view before = trimmed(text.substr(0, text.size() - 1));
    if (before.ends_with('\'') || before.ends_with('"')) return before;
  }
  return text;
}

/// What stands in quotes, escaped as it is; nothing where the text is not all of it in quotes.
/// Strings in single quotes may follow each other, as in nginx's configuration; behind one in
/// double quotes a name may stand, as in Apache's. Double quotes around fields alone are the log's.
std::optional<std::string> unquoted(std::string_view text, bool is_statement) {
  std::string all;
  const char quote = text.empty() ? '\0' : text[0];
  if (quote != '\'' && quote != '"') return std::nullopt;
  do {
    std::size_t at = 1;
    while (at < text.size() && text[at] != quote) at += text[at] == '\\' ? 2 : 1;
    if (at >= text.size()) return std::nullopt;
    all += text.substr(1, at - 1);
    text = trimmed(text.substr(at + 1));
  } while (quote == '\'' && text.starts_with(quote));
  if (quote == '\'') return text.empty() ? std::optional(all) : std::nullopt;
  const bool is_named = is_statement || !text.empty();
  const bool is_in_quotes = is_named || all.find_first_of("\\ ") != std::string::npos;
  const bool has_name = std::all_of(text.begin(), text.end(), is_name_character);
  return is_in_quotes && has_name ? std::optional(all) : std::nullopt;
}

/// Takes `\"` for `"`, as they stand within a string of Apache's configuration.
std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      result += text[at];
    } else if (text[at + 1] == '"' || text[at + 1] == '\'' || text[at + 1] == '\\') {
      result += text[++at];
    } else if (text[at + 1] == 't') {
      result += '\t';
      ++at;
    } else {
      result += text[at];
    }
  }
  return result;
}

/// Of `%{ms}T`.
std::string unit_of_argument(std::string_view argument) {
  const bool is_unit = argument == "s" || argument == "ms" || argument == "us";
  return is_unit ? std::string(argument) : std::string();
}

class DefinitionParser {
 public:
  explicit DefinitionParser(std::string_view text)
      : text_(text), is_apache_(text.find('$') == std::string_view::npos) {}

  WebDefinition parse() {
    while (at_ < text_.size()) {
      if (text_[at_] == (is_apache_ ? '%' : '$')) {
        is_apache_ ? take_directive() : take_variable();
      } else {
        literal() += text_[at_++];
      }
    }
    if (definition_.fields.empty())
      fail(text_, 0, "a definition names fields, such as $remote_addr or %h");
    finish();
    return std::move(definition_);
  }

 private:
  std::string& literal() {
    return definition_.fields.empty() ? definition_.literal : definition_.fields.back().literal;
  }

  void add(WebField field, std::size_t at, std::size_t end) {
    if (!definition_.fields.empty() && definition_.fields.back().literal.empty()) {
      fail(text_, at,
           "nothing stands between " + quoted_text(definition_.fields.back().directive) + " and " +
               quoted_text(field.directive) + ", so that nobody can tell where one ends");
    }
    definition_.fields.push_back(std::move(field));
    at_ = end;
  }

  void take_variable() {
    const std::size_t begin = at_;
    const bool has_braces = text_.substr(begin).starts_with("${");
    const std::size_t name_begin = begin + (has_braces ? 2 : 1);
    std::size_t name_end = name_begin;
    while (name_end < text_.size() && is_name_character(text_[name_end])) ++name_end;
    if (name_end == name_begin) fail(text_, begin, "behind $ a name is missing");
    if (has_braces && (name_end == text_.size() || text_[name_end] != '}'))
      fail(text_, begin, "a ${ is not closed by }");
    const std::string name(text_.substr(name_begin, name_end - name_begin));
    const bool is_seconds = name == "request_time" || name.starts_with("upstream_");
    add({.name = name,
         .directive = "$" + name,
         .unit = is_seconds && name.ends_with("_time") ? "s" : ""},
        begin, name_end + (has_braces ? 1 : 0));
  }

  void take_directive() {
    const std::size_t begin = at_;
    std::size_t at = begin + 1;
    if (at < text_.size() && text_[at] == '%') {
      literal() += '%';
      at_ = at + 1;
      return;
    }
    // %>s, %!200,304{Referer}i: which request, and when; both leave the field what it is.
    while (at < text_.size() &&
           std::string_view("<>!,0123456789").find(text_[at]) != std::string_view::npos)
      ++at;
    std::string_view argument;
    if (at < text_.size() && text_[at] == '{') {
      const std::size_t close = text_.find('}', at);
      if (close == std::string_view::npos) fail(text_, begin, "a %{ is not closed by }");
      argument = text_.substr(at + 1, close - at - 1);
      at = close + 1;
    }
    const bool has_three = at < text_.size() && text_[at] == '^' && text_.size() - at >= 3;
    const bool is_long = has_three && is_letter(text_[at + 1]);  // %^FB and such
    if (is_long) at += 2;
    if (at >= text_.size() || !is_letter(text_[at]))
      fail(text_, begin, "behind % a letter is missing");
    const char letter = text_[at];
    const std::string directive(text_.substr(begin, at + 1 - begin));
    if (letter == 't' && argument.empty()) return add_time(begin, at + 1, directive);
    if (is_long) return add({.name = directive, .directive = directive}, begin, at + 1);
    add(make_field(letter, argument, directive), begin, at + 1);
  }

  /// `%t` is a time in brackets, which are literals to us.
  void add_time(std::size_t begin, std::size_t end, const std::string& directive) {
    literal() += '[';
    add({.name = "time_local", .directive = directive}, begin, end);
    literal() += ']';
  }

  static WebField make_field(char letter, std::string_view argument, const std::string& directive) {
    if (letter == 'i') return {.name = "http_" + header_name(argument), .directive = directive};
    if (letter == 'o')
      return {.name = "sent_http_" + header_name(argument), .directive = directive};
    if (letter == 'T' && !argument.empty())
      return {.name = "request_time", .directive = directive, .unit = unit_of_argument(argument)};
    if (!argument.empty() && letter != 'a' && letter != 'p')
      return {.name = directive, .directive = directive};
    const auto* const known =
        std::find_if(std::begin(kApache), std::end(kApache),
                     [letter](const ApacheDirective& row) { return row.letter == letter; });
    if (known == std::end(kApache)) return {.name = directive, .directive = directive};
    return {
        .name = std::string(known->name), .directive = directive, .unit = std::string(known->unit)};
  }

  /// What a field's neighbours make of it.
  void finish() {
    std::string_view before = definition_.literal;
    for (WebField& field : definition_.fields) {
      field.is_quoted = before.ends_with('"') && field.literal.starts_with('"');
      field.is_padded = !field.is_quoted && is_one_of(kPadded, field.name);
      field.is_one_word = field.is_padded || (!field.is_quoted && is_one_of(kOneWord, field.name));
      before = field.literal;
    }
  }

  std::string_view text_;
  bool is_apache_;
  std::size_t at_ = 0;
  WebDefinition definition_;
};

}  // namespace

WebDefinition parse_web_definition(const std::string& text) {
  const std::string_view core = without_keyword(text);
  const bool is_statement = !core.empty() && !trimmed(text).starts_with(core[0]);
  const std::string plain = unescaped(unquoted(core, is_statement).value_or(std::string(core)));
  if (plain.find_first_of("\r\n") != std::string::npos)
    fail(plain, plain.find_first_of("\r\n"), "a line ends within the definition");
  return DefinitionParser(plain).parse();
}

std::string told_unit(const WebDefinition& definition, std::string_view name) {
  for (const WebField& field : definition.fields) {
    if (field.name != name && field.directive != name) continue;
    return field.directive.starts_with('%') ? field.unit : std::string();
  }
  return {};
}

}  // namespace billing
