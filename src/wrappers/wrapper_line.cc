#include "wrappers/wrapper_line.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/ascii_digit.h"
#include "formats/json_text.h"

namespace billing {
namespace {

/// Takes what stands at the front of a text, step by step. What fails leaves the text anywhere.
class Front {
 public:
  explicit Front(std::string_view text) : text_(text) {}

  std::string_view rest() const { return text_; }
  bool at_end() const { return text_.empty(); }

  bool take(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  /// In the pattern `0` is a digit, `A` a letter, `_` a digit or a space; all else is itself.
  bool take_like(std::string_view pattern) {
    if (text_.size() < pattern.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      const char c = text_[i];
      const bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      const bool fits = pattern[i] == '0'   ? is_digit(c)
                        : pattern[i] == 'A' ? is_letter
                        : pattern[i] == '_' ? is_digit(c) || c == ' '
                                            : c == pattern[i];
      if (!fits) return false;
    }
    text_.remove_prefix(pattern.size());
    return true;
  }

  std::size_t take_digits(std::size_t most) {
    std::size_t size = 0;
    while (size < most && size < text_.size() && is_digit(text_[size])) ++size;
    text_.remove_prefix(size);
    return size;
  }

  /// Bytes up to a space, or to the end.
  std::string_view take_word() {
    const std::string_view word = text_.substr(0, text_.find(' '));
    text_.remove_prefix(word.size());
    return word;
  }

  /// What is between the wrapper and the text: a space, or nothing where the line ends.
  bool take_gap() { return at_end() || take(" "); }

  /// `2025-05-02T23:16:50.123+02:00`. Whether there is such a day does not matter here.
  bool take_time() {
    if (!take_like("0000-00-00T00:00:00")) return false;
    if (take(".") && take_digits(std::string_view::npos) == 0) return false;
    return take("Z") || take_like("+00:00") || take_like("-00:00");
  }

  bool take_priority() {
    if (!take("<")) return false;
    constexpr std::size_t kMostDigits = 3;
    return take_digits(kMostDigits) > 0 && take(">");
  }

 private:
  std::string_view text_;
};

bool read_cri(std::string_view line, WrappedLine& wrapped) {
  Front front(line);
  if (!front.take_time()) return false;
  wrapped.is_error = front.take(" stderr ");
  if (!wrapped.is_error && !front.take(" stdout ")) return false;
  // More tags may follow the first: `P:tag`.
  const std::string_view tags = front.take_word();
  const std::string_view tag = tags.substr(0, tags.find(':'));
  if ((tag != "F" && tag != "P") || !front.take_gap()) return false;
  wrapped.is_whole = tag == "F";
  wrapped.text = front.rest();
  return true;
}

bool read_compose(std::string_view line, WrappedLine& wrapped) {
  const auto is_of_name = [](char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_' || c == '.';
  };
  const auto* const name_end = std::find_if_not(line.begin(), line.end(), is_of_name);
  const auto name_bytes = static_cast<std::size_t>(name_end - line.begin());
  Front front(line.substr(name_bytes));
  if (name_bytes == 0 || !front.take(" ")) return false;
  while (front.take(" ")) {
  }
  if (!front.take("|") || !front.take_gap()) return false;
  wrapped.text = front.rest();
  return true;
}

/// `[id name="value" ...][...]`, where `\"`, `\\` and `\]` stand for characters of a value.
bool take_structured_data(Front& front) {
  if (front.take("-")) return true;
  const std::string_view text = front.rest();
  std::size_t at = 0;
  while (at < text.size() && text[at] == '[') {
    bool is_in_quotes = false;
    for (++at; at < text.size() && (is_in_quotes || text[at] != ']'); ++at) {
      if (is_in_quotes && text[at] == '\\') {
        ++at;
      } else if (text[at] == '"') {
        is_in_quotes = !is_in_quotes;
      }
    }
    if (at >= text.size()) return false;
    ++at;
  }
  return at > 0 && front.take(text.substr(0, at));
}

/// `<PRI>1 TIME HOST APP PROCID MSGID DATA MSG`, of which the priority is taken.
bool read_syslog_5424(Front front, WrappedLine& wrapped) {
  if (!front.take("1 ")) return false;
  if (!front.take("-") && !front.take_time()) return false;
  constexpr int kWords = 4;
  for (int i = 0; i < kWords; ++i) {
    if (!front.take(" ") || front.take_word().empty()) return false;
  }
  if (!front.take(" ") || !take_structured_data(front) || !front.take_gap()) return false;
  front.take("\xEF\xBB\xBF");
  wrapped.text = front.rest();
  return true;
}

/// `tag[pid]:`, of which the brackets may be missing.
bool is_tag(std::string_view word) {
  if (word.size() < 2 || !word.ends_with(':')) return false;
  word.remove_suffix(1);
  const std::size_t bracket = word.find('[');
  const std::string_view tag = word.substr(0, bracket);
  if (tag.empty() || tag.find(':') != std::string_view::npos) return false;
  if (bracket == std::string_view::npos) return true;
  const std::string_view process = word.substr(bracket + 1);
  return process.size() > 1 && process.find(']') == process.size() - 1;
}

/// `TIME HOST TAG: MSG`. The time is that of RFC 3164 or, as rsyslog writes files, a longer one;
/// programs that log to their own machine leave out the host.
bool read_syslog_3164(Front front, WrappedLine& wrapped) {
  if (!front.take_like("AAA _0 00:00:00") && !front.take_time()) return false;
  if (!front.take(" ")) return false;
  const std::string_view word = front.take_word();
  if (word.empty()) return false;
  if (!is_tag(word) && (!front.take(" ") || !is_tag(front.take_word()))) return false;
  if (!front.take_gap()) return false;
  wrapped.text = front.rest();
  return true;
}

bool read_syslog(std::string_view line, WrappedLine& wrapped) {
  Front front(line);
  if (line.starts_with('<') && !front.take_priority()) return false;
  if (line.starts_with('<') && read_syslog_5424(front, wrapped)) return true;
  return read_syslog_3164(front, wrapped);
}

/// Of the plain ASCII at the front of a string in JSON: no quote, no backslash, no control.
std::size_t plain_bytes(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = kOnes * 0x80;
  const auto zeros = [](std::uint64_t word) { return (word - kOnes) & ~word & kHighs; };
  std::size_t at = 0;
  // The lowest byte that is found is one; higher ones may be found in error.
  for (; text.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof(word));
    const std::uint64_t ends = zeros(word ^ kOnes * '"') | zeros(word ^ kOnes * '\\') |
                               ((word - kOnes * 0x20) & ~word & kHighs) | (word & kHighs);
    if (ends != 0) return at + static_cast<std::size_t>(std::countr_zero(ends)) / 8;
  }
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

/// `","stream":"stdout","time":"..."}` behind a log.
bool take_docker_end(std::string_view text, bool& is_error) {
  Front front(text);
  is_error = front.take(R"(","stream":"stderr","time":")");
  if (!is_error && !front.take(R"(","stream":"stdout","time":")")) return false;
  return front.take_time() && front.rest() == "\"}";
}

/// A value that nobody asked for, or anything that stands in an object; walks its tokens.
class JsonValueWalk {
 public:
  JsonValueWalk(std::string_view text, const TokenIndex& tokens, BatchText& texts)
      : text_(text), token_(tokens.begin()), end_(tokens.end()), texts_(texts) {}

  bool at_end() const { return token_ == end_; }
  char character() const { return at_end() ? '\0' : text_[*token_]; }
  void pass() { ++token_; }

  /// The string at hand, unescaped.
  std::optional<std::string_view> take_string() {
    const std::string_view token = take_token();
    if (token.size() < 2 || token.front() != '"' || token.back() != '"') return std::nullopt;
    return unescape_json(token.substr(1, token.size() - 2), texts_);
  }

  bool pass_value(std::size_t depth) {
    switch (character()) {
      case '{':
        return walk_object(depth + 1, [](std::string_view, JsonValueWalk&) { return false; });
      case '[':
        return pass_array(depth + 1);
      case '"':
        return take_string().has_value();
      default:
        return !at_end() && is_json_scalar(take_token());
    }
  }

  /// `take(key, walk)` takes the value of a key that it wants, or returns false; it throws nothing.
  template <class Take>
  bool walk_object(std::size_t depth, const Take& take) {
    if (character() != '{' || depth > TokenIndex::kMaxDepth) return false;
    pass();
    if (character() == '}') return pass(), true;
    while (true) {
      const auto key = character() == '"' ? take_string() : std::nullopt;
      if (!key || key->find('\0') != std::string_view::npos || character() != ':') return false;
      pass();
      if (!take(*key, *this) && !pass_value(depth)) return false;
      const char next = character();
      if (next != '}' && next != ',') return false;
      pass();
      if (next == '}') return true;
    }
  }

 private:
  bool pass_array(std::size_t depth) {
    if (depth > TokenIndex::kMaxDepth) return false;
    pass();
    if (character() == ']') return pass(), true;
    while (true) {
      if (!pass_value(depth)) return false;
      const char next = character();
      if (next != ']' && next != ',') return false;
      pass();
      if (next == ']') return true;
    }
  }

  std::string_view take_token() {
    const std::uint32_t begin = *token_;
    ++token_;
    std::string_view token = text_.substr(begin, *token_ - begin);
    const std::size_t last = token.find_last_not_of(" \t\r\n");
    return token.substr(0, last == std::string_view::npos ? 0 : last + 1);
  }

  std::string_view text_;
  const std::uint32_t* token_;
  const std::uint32_t* end_;
  BatchText& texts_;
};

/// A log without the line end that shows it to be whole.
void set_docker_text(std::string_view log, WrappedLine& wrapped) {
  wrapped.is_whole = log.ends_with('\n');
  wrapped.text = log.substr(0, log.size() - (wrapped.is_whole ? 1 : 0));
}

}  // namespace

bool WrapperReader::read(std::string_view line, WrappedLine& wrapped) {
  wrapped = {};
  switch (wrapper_) {
    case Wrapper::docker:
      return read_docker(line, wrapped);
    case Wrapper::cri:
      return read_cri(line, wrapped);
    case Wrapper::compose:
      return read_compose(line, wrapped);
    case Wrapper::syslog:
      return read_syslog(line, wrapped);
    case Wrapper::none:
      wrapped.text = line;
      return true;
  }
  return false;
}

/// As Docker writes it: `{"log":"...","stream":"stdout","time":"..."}` of ASCII with the common
/// escapes. Anything else is parsed.
bool WrapperReader::read_docker(std::string_view line, WrappedLine& wrapped) {
  texts_.clear();
  constexpr std::string_view kBegin = R"({"log":")";
  if (!line.starts_with(kBegin)) return read_docker_json(line, wrapped);
  std::string_view rest = line.substr(kBegin.size());
  if (rest.empty()) return read_docker_json(line, wrapped);  // cut there
  char* const to = texts_.reserve(rest.size());
  std::size_t size = 0;
  while (true) {
    const std::size_t plain = plain_bytes(rest);
    std::memcpy(to + size, rest.data(), plain);
    size += plain;
    rest.remove_prefix(plain);
    if (rest.size() < 2 || rest[0] != '\\') break;
    const char kind = rest[1];
    if (kind != '"' && kind != '\\' && kind != 'n' && kind != 't') break;
    to[size++] = kind == 'n' ? '\n' : kind == 't' ? '\t' : kind;
    rest.remove_prefix(2);
  }
  if (!take_docker_end(rest, wrapped.is_error)) return read_docker_json(line, wrapped);
  set_docker_text(texts_.keep(size), wrapped);
  return true;
}

bool WrapperReader::read_docker_json(std::string_view line, WrappedLine& wrapped) {
  if (!tokens_.scan(line)) return false;
  JsonValueWalk walk(line, tokens_, texts_);
  std::optional<std::string_view> log;
  std::optional<std::string_view> stream;
  bool has_time = false;
  bool has_others = false;
  bool is_good = true;  // both are strings
  const auto take = [&](std::string_view key, JsonValueWalk& value) {
    // Of a key twice the first counts.
    std::optional<std::string_view>* const wanted = key == "log"      ? &log
                                                    : key == "stream" ? &stream
                                                                      : nullptr;
    has_time = has_time || key == "time";
    has_others = has_others || (wanted == nullptr && key != "time" && key != "attrs");
    if (wanted == nullptr || *wanted) return false;
    const auto text = value.character() == '"' ? value.take_string() : std::nullopt;
    is_good = is_good && text;
    *wanted = text.value_or("");
    return text.has_value();
  };
  if (!walk.walk_object(1, take) || !walk.at_end() || !is_good || !log) return false;
  if (stream && *stream != "stdout" && *stream != "stderr") return false;
  wrapped.is_error = stream == "stderr";
  wrapped.is_typical = has_time && stream && !has_others;
  set_docker_text(*log, wrapped);
  return true;
}

}  // namespace billing
