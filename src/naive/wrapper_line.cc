#include "naive/wrapper_line.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "naive/ascii.h"
#include "naive/json_text.h"

namespace billing::naive {
namespace {

/// Words between single spaces, at most `most` of them; what follows the last is left in `rest`,
/// with its space.
std::vector<std::string_view> take_words(std::string_view& rest, std::size_t most) {
  std::vector<std::string_view> words;
  while (words.size() < most) {
    if (!words.empty()) {
      if (rest.empty()) break;
      rest.remove_prefix(1);
    }
    const std::size_t size = std::min(rest.find(' '), rest.size());
    words.push_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  return words;
}

/// Without the space that sets it apart.
std::string text_of(std::string_view rest) {
  return std::string(rest.substr(rest.starts_with(' ') ? 1 : 0));
}

bool is_time(std::string_view word) {
  constexpr std::string_view kSecond = "0000-00-00T00:00:00";
  if (!looks_like(word.substr(0, kSecond.size()), kSecond)) return false;
  word.remove_prefix(kSecond.size());
  if (word.starts_with('.')) {
    word.remove_prefix(1);
    if (take_digits(word).empty()) return false;
  }
  return word == "Z" || looks_like(word, "+00:00") || looks_like(word, "-00:00");
}

std::optional<WrappedLine> parse_docker(std::string_view line) {
  const auto object = parse_json(line);
  if (!object || object->kind != JsonValue::Kind::object) return std::nullopt;
  const auto is_string = [line](const JsonValue* value) {
    return value->kind == JsonValue::Kind::scalar && line[value->begin] == '"';
  };
  const JsonValue* const log = object->find("log");
  const JsonValue* const stream = object->find("stream");
  if (!log || !is_string(log)) return std::nullopt;
  if (stream && (!is_string(stream) || (stream->text != "stdout" && stream->text != "stderr")))
    return std::nullopt;
  WrappedLine wrapped{log->text, stream && stream->text == "stderr", log->text.ends_with('\n')};
  if (wrapped.is_whole) wrapped.text.pop_back();
  return wrapped;
}

std::optional<WrappedLine> parse_cri(std::string_view line) {
  const std::vector<std::string_view> words = take_words(line, 3);
  if (words.size() < 3 || !is_time(words[0])) return std::nullopt;
  if (words[1] != "stdout" && words[1] != "stderr") return std::nullopt;
  const std::string_view tag = words[2].substr(0, words[2].find(':'));
  if (tag != "F" && tag != "P") return std::nullopt;
  return WrappedLine{text_of(line), words[1] == "stderr", tag == "F"};
}

std::optional<WrappedLine> parse_compose(std::string_view line) {
  const std::size_t bar = line.find('|');
  if (bar == std::string_view::npos) return std::nullopt;
  std::string_view name = line.substr(0, bar);
  const std::string_view rest = line.substr(bar + 1);
  if (!name.ends_with(' ') || (!rest.empty() && !rest.starts_with(' '))) return std::nullopt;
  while (name.ends_with(' ')) name.remove_suffix(1);
  const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
  });
  if (!is_name) return std::nullopt;
  return WrappedLine{text_of(rest), false, true};
}

/// Takes `[...]` off the front, in whose quotes a bracket is no end.
bool take_element(std::string_view& rest) {
  bool is_quoted = false;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (is_quoted && rest[i] == '\\') {
      ++i;
    } else if (rest[i] == '"') {
      is_quoted = !is_quoted;
    } else if (rest[i] == ']' && !is_quoted) {
      rest.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

std::optional<WrappedLine> parse_new_syslog(std::string_view rest) {
  const std::vector<std::string_view> words = take_words(rest, 6);
  if (words.size() < 6 || words[0] != "1") return std::nullopt;
  if (words[1] != "-" && !is_time(words[1])) return std::nullopt;
  if (std::any_of(words.begin() + 2, words.end(), [](auto word) { return word.empty(); }))
    return std::nullopt;
  if (!rest.starts_with(' ')) return std::nullopt;
  rest.remove_prefix(1);
  if (rest.starts_with('-')) {
    rest.remove_prefix(1);
  } else {
    if (!rest.starts_with('[')) return std::nullopt;
    while (rest.starts_with('[')) {
      if (!take_element(rest)) return std::nullopt;
    }
  }
  if (!rest.empty() && !rest.starts_with(' ')) return std::nullopt;
  WrappedLine wrapped{text_of(rest), false, true};
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (wrapped.text.starts_with(kByteOrderMark)) wrapped.text.erase(0, kByteOrderMark.size());
  return wrapped;
}

/// `tag:` or `tag[process]:`.
bool is_tag(std::string_view word) {
  if (!word.ends_with(':')) return false;
  word.remove_suffix(1);
  const std::size_t open = word.find('[');
  if (open != std::string_view::npos) {
    const std::string_view process = word.substr(open + 1);
    if (process.size() < 2 || process.find(']') != process.size() - 1) return false;
    word = word.substr(0, open);
  }
  return !word.empty() && word.find(':') == std::string_view::npos;
}

std::optional<WrappedLine> parse_old_syslog(std::string_view rest) {
  constexpr std::string_view kTime = "AAA 00 00:00:00";
  std::string time(rest.substr(0, kTime.size()));
  if (time.size() == kTime.size() && time[4] == ' ') time[4] = '0';  // a day of one digit
  if (looks_like(time, kTime)) {
    rest.remove_prefix(kTime.size());
  } else if (!is_time(take_words(rest, 1)[0])) {
    return std::nullopt;
  }
  if (!rest.starts_with(' ')) return std::nullopt;
  rest.remove_prefix(1);
  const std::string_view word = take_words(rest, 1)[0];
  if (word.empty()) return std::nullopt;
  if (!is_tag(word)) {
    if (!rest.starts_with(' ')) return std::nullopt;
    rest.remove_prefix(1);
    if (!is_tag(take_words(rest, 1)[0])) return std::nullopt;
  }
  return WrappedLine{text_of(rest), false, true};
}

std::optional<WrappedLine> parse_syslog(std::string_view line) {
  if (!line.starts_with('<')) return parse_old_syslog(line);
  line.remove_prefix(1);
  if (take_digits(line, 3).empty() || !line.starts_with('>')) return std::nullopt;
  line.remove_prefix(1);
  auto wrapped = parse_new_syslog(line);
  return wrapped ? wrapped : parse_old_syslog(line);
}

}  // namespace

std::optional<WrappedLine> parse_wrapped(Wrapper wrapper, std::string_view line) {
  switch (wrapper) {
    case Wrapper::docker:
      return parse_docker(line);
    case Wrapper::cri:
      return parse_cri(line);
    case Wrapper::compose:
      return parse_compose(line);
    case Wrapper::syslog:
      return parse_syslog(line);
    case Wrapper::none:
      break;
  }
  return WrappedLine{std::string(line), false, true};
}

}  // namespace billing::naive
