#pragma once

// Lines of a web server's log taken apart, as their definition says (web_definition.h).

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/line_scanner.h"
#include "formats/web_definition.h"

namespace billing {

struct Span {
  const char* begin;
  const char* end;
};

/// The quotes of a line: their places, counted from `base`.
struct Quotes {
  const char* base;
  const std::uint32_t* places;
  std::size_t count;
};

/// What stands between fields.
class Literal {
 public:
  explicit Literal(std::string_view text)
      : text_(text),
        quote_(text.find(kQuote)),
        quotes_(static_cast<std::size_t>(std::count(text.begin(), text.end(), kQuote))) {
    if (text.size() > sizeof word_) return;
    std::memcpy(&word_, text.data(), text.size());
    std::memset(&mask_, 0xFF, text.size());
  }

  const std::string& text() const { return text_; }
  std::size_t size() const { return text_.size(); }
  /// The place of its first quote, or npos; and how many there are.
  std::size_t quote() const { return quote_; }
  std::size_t quotes() const { return quotes_; }
  bool has_quote() const { return quotes_ != 0; }

  /// Whether it stands at `at` of a line: most are short, and are compared as a word.
  bool stands(const char* at, const Line& line) const {
    if (static_cast<std::size_t>(line.end - at) < text_.size()) return false;
    if (text_.size() > sizeof word_ || line.readable_end - at < std::ptrdiff_t{sizeof word_})
      return std::memcmp(at, text_.data(), text_.size()) == 0;
    std::uint64_t there = 0;
    std::memcpy(&there, at, sizeof there);
    return ((there ^ word_) & mask_) == 0;
  }

 private:
  static constexpr char kQuote = '"';

  std::string text_;
  std::size_t quote_;
  std::size_t quotes_;
  std::uint64_t word_ = 0;  ///< its bytes, where it has no more than a word
  std::uint64_t mask_ = 0;  ///< those of them that count
};

/// Immutable; may be used by any number of threads.
class WebLine {
 public:
  explicit WebLine(const WebDefinition& definition);

  std::size_t field_count() const { return fields_.size(); }

  /// `spans` are those of all fields; returns the place of the flaw, where a line's form is not the
  /// definition's.
  std::optional<std::uint32_t> split(const Line& line, Span* spans) const;

  /// The same by the line's quotes; false where split() has to find out.
  bool split_by_quotes(const Line& line, const Quotes& quotes, Span* spans) const;
  /// Whether that is of any use.
  bool is_quick() const { return is_quick_; }

  bool may_be_empty_user(std::size_t field) const { return fields_[field].ending == Ending::user; }
  /// Apache writes an empty name of a user as two quotes.
  bool is_empty_user(std::size_t field, std::string_view text) const {
    return fields_[field].ending == Ending::user && text == kEmptyUser;
  }

 private:
  static constexpr std::string_view kEmptyUser = "\"\"";

  /// How a field is found.
  enum class Ending : std::uint8_t { literal, word, padded_word, quote, user, upstream };

  /// How it is found quickly, where all is as usual: by the index of quotes.
  enum class QuickEnding : std::uint8_t {
    literal,      ///< searched, as it has no quote
    blank,        ///< of a word, before a literal that begins with a space
    quote,        ///< by the next quote, which is in the literal
    before_time,  ///< so far before the next quote as the time is long
    line_end,
    none,
  };

  struct LineField {
    std::string name;
    Literal literal;  ///< behind it; empty: it goes to the line's end
    Ending ending = Ending::literal;
  };

  /// A field as split_by_quotes() has it: what is asked of every line, side by side.
  struct QuickField {
    std::uint64_t word = 0;    ///< the literal behind it, or the first eight bytes of that
    std::uint64_t mask = 0;    ///< which bytes of the word count
    std::uint32_t bytes = 0;   ///< of the literal
    std::uint32_t quote = 0;   ///< the place of its first quote
    std::uint32_t quotes = 0;  ///< in it
    QuickEnding ending = QuickEnding::none;
    bool is_special = false;  ///< passes() has to be asked

    /// Whether the literal, or its first eight bytes, stands at `at`, where a word may be read.
    bool stands(const char* at) const {
      std::uint64_t there = 0;
      std::memcpy(&there, at, sizeof there);
      return ((there ^ word) & mask) == 0;
    }
  };

  static Ending ending_of(const std::vector<WebField>& fields, std::size_t i);
  static QuickEnding quick_ending_of(const std::vector<WebField>& fields, std::size_t i,
                                     Ending ending);
  static QuickField quick_field_of(const LineField& field, QuickEnding ending);
  const LineField& line_field(const QuickField& field) const;
  const char* find_literal(const QuickField& field, const Line& line, const char* at) const;
  bool passes(const QuickField& field, const Line& line, const char* at, const char* end) const;
  bool find_end(std::size_t field, const Line& line, const char* at, const char*& end) const;
  static const char* end_of_time(const LineField& time, const Line& line, const char* begin);
  bool is_before_time(std::size_t field, const Line& line, const char* at) const;
  bool end_user(std::size_t field, const Line& line, const char* at, const char*& end) const;
  const char* end_upstream(const LineField& field, const Line& line, const char* at) const;

  Literal literal_;  ///< before the first field
  std::vector<LineField> fields_;
  std::vector<QuickField> quick_fields_;
  std::size_t quote_count_ = 0;               ///< in all literals
  std::ptrdiff_t longest_literal_bytes_ = 8;  ///< or those of a word, if none has so many
  bool is_quick_ = true;                      ///< all fields have a quick ending
};

}  // namespace billing
