#include "naive/web_definition.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "base/escape_text.h"
#include "base/lower_case.h"
#include "billing/error.h"
#include "naive/ascii.h"

namespace billing::naive {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

[[noreturn]] void fail(std::string_view text, const std::string& why) {
  throw Error(ErrorKind::configuration, "\1log-format " + quoted_text(text) + ": " + why);
}

bool is_of_name(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

std::string_view without_spaces(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpaces);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

/// The places of `quote` that have no backslash before them.
std::vector<std::size_t> quotes_of(std::string_view text, char quote) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      places.push_back(i);
    }
  }
  return places;
}

/// The insides of nginx's `'...' '...';`, joined; nothing where it is not of that form.
std::optional<std::string> joined_pieces(std::string_view text) {
  if (text.ends_with(';')) text = without_spaces(text.substr(0, text.size() - 1));
  const std::vector<std::size_t> places = quotes_of(text, '\'');
  if (places.empty() || places.size() % 2 != 0) return std::nullopt;
  if (places.front() != 0 || places.back() + 1 != text.size()) return std::nullopt;
  std::string joined;
  for (std::size_t i = 0; i < places.size(); i += 2) {
    joined += text.substr(places[i] + 1, places[i + 1] - places[i] - 1);
    if (i + 2 == places.size()) break;
    const std::string_view between =
        text.substr(places[i + 1] + 1, places[i + 2] - places[i + 1] - 1);
    if (!without_spaces(between).empty()) return std::nullopt;
  }
  return joined;
}

/// Whether the quotes at both ends belong to the configuration and not to the log's lines.
bool is_in_quotes(std::string_view text) {
  const std::vector<std::size_t> places = quotes_of(text, '"');
  if (places.size() != 2 || places[0] != 0 || places[1] + 1 != text.size()) return false;
  const std::string_view inside = text.substr(1, text.size() - 2);
  return inside.find_first_of("\\ ") != inside.npos;
}

/// Less what stands around it in a configuration: `log_format NAME`, `LogFormat`, and the name
/// behind Apache's.
std::string_view without_statement(std::string_view text) {
  const std::size_t quote = text.find_first_of("'\"");
  if (quote == text.npos) return text;
  const bool is_statement = text.starts_with("log_format ") || text.starts_with("LogFormat ");
  if (is_statement) text = text.substr(quote);
  const std::vector<std::size_t> places = quotes_of(text, '"');
  if (places.size() != 2 || places[0] != 0) return text;
  const std::string_view behind = without_spaces(text.substr(places[1] + 1));
  const bool is_name = std::all_of(behind.begin(), behind.end(), is_of_name);
  if (!is_name) return text;
  const bool is_named = is_statement || !behind.empty();
  return is_named ? text.substr(1, places[1] - 1) : text.substr(0, places[1] + 1);
}

/// What the server sees of what its configuration has.
std::string without_quoting(std::string_view pasted) {
  const std::string_view text = without_statement(without_spaces(pasted));
  std::string inside(text);
  if (const auto joined = joined_pieces(text)) {
    inside = *joined;
  } else if (is_in_quotes(text)) {
    inside = text.substr(1, text.size() - 2);
  }
  std::string plain;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const char next = i + 1 < inside.size() ? inside[i + 1] : '\0';
    const bool is_escape = inside[i] == '\\' && (next == '"' || next == '\'' || next == '\\');
    const bool is_tab = inside[i] == '\\' && next == 't';
    if (is_escape || is_tab) ++i;
    plain += is_tab ? '\t' : inside[i];
  }
  return plain;
}

/// Whether a name of nginx stands behind some `$`.
bool has_variables(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '$' && (is_of_name(text[i + 1]) || text[i + 1] == '{')) return true;
  }
  return false;
}

/// A piece of the definition: a field, or a literal where it has no name.
struct Piece {
  WebField field;
  std::string literal;
};

/// `$name` or `${name}`, cut off `text`.
WebField take_variable(std::string_view& text, std::string_view whole) {
  WebField field;
  text.remove_prefix(1);
  const bool has_braces = text.starts_with('{');
  if (has_braces) text.remove_prefix(1);
  std::size_t size = 0;
  while (size < text.size() && is_of_name(text[size])) ++size;
  field.name = text.substr(0, size);
  text.remove_prefix(size);
  if (field.name.empty() || (has_braces && !text.starts_with('}'))) {
    fail(whole, "a $ needs a variable's name behind it");
  }
  if (has_braces) text.remove_prefix(1);
  return field;
}

/// `http_foo_bar` of `Foo-Bar`.
std::string header_field(std::string_view prefix, std::string_view header) {
  std::string name = std::string(prefix) + lower_case(header);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// By directives without an argument in braces.
struct NamedDirective {
  std::string_view letter;
  std::string_view name;
};
constexpr std::array<NamedDirective, 27> kDirectives{{
    {"h", "remote_addr"},
    {"a", "remote_addr"},
    {"u", "remote_user"},
    {"l", "remote_logname"},
    {"t", "time_local"},
    {"r", "request"},
    {"s", "status"},
    {"b", "body_bytes_sent"},
    {"B", "body_bytes_sent"},
    {"O", "bytes_sent"},
    {"I", "request_length"},
    {"D", "request_time"},
    {"T", "request_time"},
    {"v", "server_name"},
    {"V", "server_name"},
    {"m", "request_method"},
    {"U", "path"},
    {"X", "connection_status"},
    {"q", "query"},
    {"P", "pid"},
    {"H", "server_protocol"},
    {"A", "server_addr"},
    {"k", "connection_requests"},
    {"L", "request_id"},
    {"f", "request_filename"},
    {"R", "handler"},
    {"S", "bytes_transferred"},
}};

void name_directive(WebField& field, std::string_view argument, std::string_view letter) {
  field.name = field.directive;
  if (letter == "p") field.name = "server_port";
  if (argument.empty()) {
    for (const NamedDirective& each : kDirectives) {
      if (each.letter == letter) field.name = each.name;
    }
    if (letter == "D") field.unit = "us";
    if (letter == "T") field.unit = "s";
    field.is_dash_zero = letter == "b";
    return;
  }
  if (letter == "i") field.name = header_field("http_", argument);
  if (letter == "o") field.name = header_field("sent_http_", argument);
  if (letter == "a") field.name = "remote_addr";
  if (letter == "T") {
    field.name = "request_time";
    if (argument == "us" || argument == "ms" || argument == "s") field.unit = argument;
  }
}

/// `%>s`, `%{Referer}i`, `%!200,304{User-agent}i`, cut off `text`.
WebField take_directive(std::string_view& text, std::string_view whole) {
  const std::string_view before = text;
  text.remove_prefix(1);
  text.remove_prefix(std::min(text.find_first_not_of("!,<>0123456789"), text.size()));
  std::string_view argument;
  if (text.starts_with('{')) {
    const std::size_t end = text.find('}');
    if (end == text.npos) fail(whole, "a { is not closed");
    argument = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
  }
  const bool is_long = text.size() > 2 && text[0] == '^' && is_letter(text[1]);  // `^FB`, `^ti`
  const std::size_t letters = is_long ? 3 : 1;
  if (text.size() < letters || !is_letter(text[letters - 1])) {
    fail(whole, "a % needs a directive's letter behind it");
  }
  const std::string_view letter = text.substr(0, letters);
  text.remove_prefix(letters);
  WebField field;
  field.directive = before.substr(0, before.size() - text.size());
  name_directive(field, argument, letter);
  return field;
}

std::vector<Piece> pieces_of_variables(std::string_view text, std::string_view whole) {
  std::vector<Piece> pieces;
  while (!text.empty()) {
    if (text.front() == '$') {
      pieces.push_back({take_variable(text, whole), {}});
    } else {
      pieces.push_back({{}, std::string(1, text.front())});
      text.remove_prefix(1);
    }
  }
  return pieces;
}

std::vector<Piece> pieces_of_directives(std::string_view text, std::string_view whole) {
  std::vector<Piece> pieces;
  while (!text.empty()) {
    if (text.starts_with("%%") || text.front() != '%') {
      pieces.push_back({{}, std::string(1, text.front())});
      text.remove_prefix(text.front() == '%' ? 2 : 1);
      continue;
    }
    WebField field = take_directive(text, whole);
    const bool has_brackets = field.name == "time_local";  // which Apache writes around it
    if (has_brackets) pieces.push_back({{}, "["});
    pieces.push_back({field, {}});
    if (has_brackets) pieces.push_back({{}, "]"});
  }
  return pieces;
}

}  // namespace

WebDefinition parse_web_definition(std::string_view text) {
  const std::string plain = without_quoting(text);
  if (plain.find_first_of("\r\n") != plain.npos) fail(text, "a line ends within it");
  WebDefinition definition;
  const auto pieces =
      has_variables(plain) ? pieces_of_variables(plain, text) : pieces_of_directives(plain, text);
  for (const Piece& piece : pieces) {
    if (!piece.field.name.empty()) {
      if (!definition.fields.empty() && definition.fields.back().literal.empty()) {
        fail(text, quoted_text(definition.fields.back().name) + " and " +
                       quoted_text(piece.field.name) + " have nothing between them");
      }
      definition.fields.push_back(piece.field);
    } else if (definition.fields.empty()) {
      definition.begin += piece.literal;
    } else {
      definition.fields.back().literal += piece.literal;
    }
  }
  if (definition.fields.empty()) fail(text, "it names no field");
  return definition;
}

}  // namespace billing::naive
