#include "base/env_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/escape_text.h"
#include "base/text_lines.h"
#include "base/utf8.h"

namespace billing {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kExport = "export";

/// What is wrong, and at which byte of the line (from 0).
struct Mistake {
  std::size_t at;
  std::string what;
};

std::size_t skip_blanks(std::string_view line, std::size_t at) {
  return std::min(line.find_first_not_of(kBlanks, at), line.size());
}

std::string_view without_trailing_blanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

bool is_blank_at(std::string_view line, std::size_t at) {
  return kBlanks.find(line[at]) != std::string_view::npos;
}

/// Where the first comment that begins at or after `at` begins; the line's size if none does.
std::size_t find_comment(std::string_view line, std::size_t at) {
  for (; at < line.size(); ++at) {
    if (line[at] == '#' && (at == 0 || is_blank_at(line, at - 1))) return at;
  }
  return line.size();
}

/// Where the key begins: behind the blanks and a word `export` that is not the key itself.
std::size_t find_key(std::string_view line) {
  const std::size_t begin = skip_blanks(line, 0);
  const std::size_t behind = begin + kExport.size();
  if (line.substr(begin, kExport.size()) != kExport) return begin;
  if (behind >= line.size() || !is_blank_at(line, behind)) return begin;
  const std::size_t key = skip_blanks(line, behind);
  return key < line.size() && line[key] == '=' ? begin : key;
}

/// `RATE_"a=b"=`: the key without its quotes, and where its `=` stands.
struct QuotedKey {
  std::string key;
  std::size_t equals;
};

std::optional<QuotedKey> find_quoted_key(std::string_view line, std::size_t begin) {
  const auto is_plain = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::size_t quote = begin;
  while (quote < line.size() && is_plain(line[quote])) ++quote;
  if (quote == begin || quote == line.size()) return std::nullopt;
  if (line[quote] != '"' && line[quote] != '\'') return std::nullopt;
  const std::size_t end = line.find(line[quote], quote + 1);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = line.substr(quote + 1, end - quote - 1);
  const std::size_t equals = skip_blanks(line, end + 1);
  const bool is_key = equals < line.size() && line[equals] == '=' &&
                      inside.find_first_of(kBlanks) == std::string_view::npos;
  if (!is_key) return std::nullopt;
  return QuotedKey{std::string(line.substr(begin, quote - begin)).append(inside), equals};
}

std::string_view read_quoted_value(std::string_view line, std::size_t at,
                                   std::optional<Mistake>& mistake) {
  const char quote = line[at];
  const std::size_t end = line.find(quote, at + 1);
  if (end == std::string_view::npos) {
    mistake = {at, std::string("the quote ") + quote + " is not closed on this line"};
    return {};
  }
  const std::size_t rest = skip_blanks(line, end + 1);
  if (rest < line.size() && find_comment(line, rest) != rest) {
    mistake = {rest, std::string("text after the closing quote ") + quote +
                         "; a comment needs a space before its #"};
  }
  return line.substr(at + 1, end - at - 1);
}

std::string_view read_value(std::string_view line, std::size_t equals,
                            std::optional<Mistake>& mistake) {
  const std::size_t begin = skip_blanks(line, equals + 1);
  if (begin < line.size() && (line[begin] == '"' || line[begin] == '\'')) {
    return read_quoted_value(line, begin, mistake);
  }
  const std::size_t end = find_comment(line, begin);
  return without_trailing_blanks(line.substr(begin, end - begin));
}

/// One pass over the lines; the caller's arguments and what has been found so far.
class EnvReader {
 public:
  EnvReader(std::string_view file, const std::function<bool(std::string_view)>& is_relevant,
            std::vector<std::string>& mistakes)
      : file_(file), is_relevant_(is_relevant), mistakes_(mistakes) {}

  void read_line(std::string_view line) {
    ++number_;
    const std::size_t key_begin = find_key(line);
    if (const std::optional<QuotedKey> quoted = find_quoted_key(line, key_begin)) {
      return read_setting(line, quoted->key, quoted->equals);
    }
    const std::size_t equals = line.find('=', key_begin);
    if (equals < find_comment(line, key_begin)) {
      const std::string_view key = line.substr(key_begin, equals - key_begin);
      read_setting(line, without_trailing_blanks(key), equals);
    } else {
      read_line_without_equals(line, key_begin);
    }
  }

  std::vector<EnvSetting> take_settings() { return std::move(settings_); }

 private:
  void read_setting(std::string_view line, std::string_view key, std::size_t equals) {
    if (!is_relevant_(key)) return;
    std::optional<Mistake> mistake;
    const std::string_view value = read_value(line, equals, mistake);
    if (mistake) {
      report(key, *mistake);
    } else {
      settings_.push_back({std::string(key), std::string(value), number_});
    }
  }

  void read_line_without_equals(std::string_view line, std::size_t word_begin) {
    line = line.substr(0, find_comment(line, word_begin));
    const std::size_t word_end = std::min(line.find_first_of(kBlanks, word_begin), line.size());
    const std::string_view word = line.substr(word_begin, word_end - word_begin);
    if (is_relevant_(word)) report(word, {word_end, "expected = after the key"});
  }

  void report(std::string_view key, const Mistake& mistake) {
    std::string message;
    append_escaped(message, file_);
    message += ':' + std::to_string(number_) + ':' + std::to_string(mistake.at + 1) + ": " +
               quoted_text(key) + ": " + mistake.what;
    mistakes_.push_back(std::move(message));
  }

  std::string_view file_;
  const std::function<bool(std::string_view)>& is_relevant_;
  std::vector<std::string>& mistakes_;
  std::vector<EnvSetting> settings_;
  std::size_t number_ = 0;
};

}  // namespace

std::vector<EnvSetting> parse_env_file(std::string_view text, std::string_view file,
                                       const std::function<bool(std::string_view key)>& is_relevant,
                                       std::vector<std::string>& mistakes) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  EnvReader reader(file, is_relevant, mistakes);
  while (!text.empty()) {
    std::string_view line = next_line(text);
    if (line.ends_with('\r')) line.remove_suffix(1);
    reader.read_line(line);
  }
  return reader.take_settings();
}

}  // namespace billing
