#include "formats/web_line.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include <algorithm>
#include <cstring>

#include "formats/find_bytes.h"
#include "mapping/digit_word.h"

namespace billing {
namespace {

constexpr std::size_t kClfBytes = 26;

#ifdef __SSE2__
/// Whether each byte is one of those from `lowest` to `highest` at its place.
bool is_between(__m128i bytes, const char* lowest, const char* highest) {
  const auto load = [](const char* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  };
  const __m128i low = load(lowest);
  const __m128i above = _mm_subs_epu8(_mm_sub_epi8(bytes, low), _mm_sub_epi8(load(highest), low));
  return _mm_movemask_epi8(_mm_cmpeq_epi8(above, _mm_setzero_si128())) == 0xFFFF;
}
#endif

/// Whether a text of kClfBytes is of the form that has_clf_form() wants, as servers write months.
/// False also where that is to be asked.
bool has_usual_clf_form([[maybe_unused]] const char* at) {
#ifdef __SSE2__
  // Two halves that overlap by six bytes. Between the signs stands a comma.
  const auto half = [at](std::size_t begin) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + begin));
  };
  return is_between(half(0), "00/Aaa/0000:00:0", "99/Zzz/9999:99:9") &&
         is_between(half(10), "0:00:00:00 +0000", "9:99:99:99 -9999") && at[21] != ',';
#else
  return false;
#endif
}

/// Whether a text is of the form of `10/Oct/2025:13:55:36 -0700`: the form alone, which tells it
/// from what a client claims its name to be.
bool has_clf_form(std::string_view text) {
  using namespace digit_word;
  // Words that overlap: `10/Oct/2`, `2025:13:`, `13:55:36`, `36 -0700`; letters and the sign may be
  // any ASCII in their shapes.
  constexpr Shape kDay(std::string_view("00/\0\0\0/0", 8), "99/\x7F\x7F\x7F/9");
  constexpr Shape kYear("0000:00:", "9999:99:");
  constexpr Shape kClock("00:00:00", "99:99:99");
  constexpr Shape kOffset(std::string_view("00 \0000000", 8),
                          "99 \x7F"
                          "9999");
  if (text.size() != kClfBytes) return false;
  const char* const at = text.data();
  std::uint64_t wrong = 0;
  read<std::uint64_t>(at, kDay, wrong);
  read<std::uint64_t>(at + 7, kYear, wrong);
  read<std::uint64_t>(at + 12, kClock, wrong);
  read<std::uint64_t>(at + 18, kOffset, wrong);
  const auto is_letter = [](char c) { return static_cast<unsigned char>((c | 0x20) - 'a') < 26; };
  return (wrong & kHighBits) == 0 && is_letter(text[3]) && is_letter(text[4]) &&
         is_letter(text[5]) && (text[21] == '+' || text[21] == '-');
}

/// The same of `2025-10-10T13:55:36-07:00`.
bool has_iso8601_form(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00";
  if (text.size() < kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !is_digit : text[i] != kForm[i]) return false;
  }
  return true;
}

bool has_msec_form(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

bool is_time_name(std::string_view name) {
  return name == "time_local" || name == "time_iso8601" || name == "msec";
}

bool has_form_of(std::string_view time_name, std::string_view text) {
  if (time_name == "time_local") return has_clf_form(text);
  return time_name == "msec" ? has_msec_form(text) : has_iso8601_form(text);
}

}  // namespace

WebLine::Ending WebLine::ending_of(const std::vector<WebField>& fields, std::size_t i) {
  const WebField& field = fields[i];
  if (field.is_quoted) return Ending::quote;
  if (field.name == "remote_user" && i + 1 < fields.size() && is_time_name(fields[i + 1].name))
    return Ending::user;
  if (field.name.starts_with("upstream_") && field.literal.starts_with(' '))
    return Ending::upstream;
  if (field.is_padded) return Ending::padded_word;
  return field.is_one_word ? Ending::word : Ending::literal;
}

/// See split_by_quotes().
WebLine::QuickEnding WebLine::quick_ending_of(const std::vector<WebField>& fields, std::size_t i,
                                              Ending ending) {
  const auto has_quote = [&](std::size_t field) {
    return fields[field].literal.find('"') != std::string::npos;
  };
  const std::string& literal = fields[i].literal;
  if (ending == Ending::user) {
    const bool is_clear = fields[i + 1].name == "time_local" && has_quote(i + 1) && !has_quote(i);
    return is_clear ? QuickEnding::before_time : QuickEnding::none;
  }
  if (ending == Ending::padded_word) return QuickEnding::none;
  // A word at the line's end ends before a blank as well, which is then found to be too early.
  if (ending == Ending::word && (literal.empty() || literal.starts_with(' ')))
    return QuickEnding::blank;
  if (literal.empty()) return QuickEnding::line_end;
  return has_quote(i) ? QuickEnding::quote : QuickEnding::literal;
}

WebLine::WebLine(const WebDefinition& definition)
    : literal_(definition.literal), quote_count_(literal_.quotes()) {
  for (std::size_t i = 0; i < definition.fields.size(); ++i) {
    const WebField& field = definition.fields[i];
    const Ending ending = ending_of(definition.fields, i);
    const QuickEnding quick = quick_ending_of(definition.fields, i, ending);
    is_quick_ = is_quick_ && quick != QuickEnding::none;
    fields_.push_back({field.name, Literal(field.literal), ending});
    quick_fields_.push_back(quick_field_of(fields_.back(), quick));
    quote_count_ += quick_fields_.back().quotes;
    longest_literal_bytes_ =
        std::max(longest_literal_bytes_, static_cast<std::ptrdiff_t>(field.literal.size()));
  }
}

/// Takes a line apart. Most fields end at the first place of what follows them.
std::optional<std::uint32_t> WebLine::split(const Line& line, Span* spans) const {
  const char* at = line.begin;
  const auto place = [&line](const char* where) {
    return static_cast<std::uint32_t>(where - line.record);
  };
  if (!literal_.stands(at, line)) return place(at);
  at += literal_.size();
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const char* end = nullptr;
    if (fields_[i].ending == Ending::padded_word)
      at = std::find_if_not(at, line.end, [](char c) { return c == ' '; });
    if (!find_end(i, line, at, end) || !fields_[i].literal.stands(end, line)) return place(at);
    spans[i] = {at, end};
    at = end + fields_[i].literal.size();
  }
  if (at != line.end) return place(at);
  return std::nullopt;
}

WebLine::QuickField WebLine::quick_field_of(const LineField& field, QuickEnding ending) {
  const std::string& text = field.literal.text();
  QuickField quick;
  const std::size_t bytes = std::min(text.size(), sizeof quick.word);
  std::memcpy(&quick.word, text.data(), bytes);
  std::memset(&quick.mask, 0xFF, bytes);
  quick.bytes = static_cast<std::uint32_t>(text.size());
  quick.quotes = static_cast<std::uint32_t>(field.literal.quotes());
  if (quick.quotes > 0) quick.quote = static_cast<std::uint32_t>(field.literal.quote());
  quick.ending = ending;
  quick.is_special = field.ending == Ending::upstream || text.size() > sizeof quick.word ||
                     (field.ending == Ending::quote && ending != QuickEnding::quote) ||
                     (field.ending == Ending::word && ending != QuickEnding::blank);
  return quick;
}

/// The first quote behind a field's begin is mostly the one in the literal that ends it, as it is
/// in the definition: `place` is the next one's.
///
///     definition   $remote_addr - $remote_user [$time_local] "$request" $status ...
///     line         192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /a HTTP/1.1" 200 ...
///     places                                                    |               |
///
/// That is checked by the literals, all of which must stand where the quotes say. A quote within a
/// field shows: then there is one too many. A backslash before one may escape it.
bool WebLine::split_by_quotes(const Line& line, const Quotes& quotes, Span* spans) const {
  if (!is_quick_ || quotes.count != quote_count_ || !literal_.stands(line.begin, line) ||
      line.readable_end - line.line_end < longest_literal_bytes_)
    return false;
  const char* at = line.begin + literal_.size();
  const char* const line_end = line.end;
  const char* const readable_end = line.readable_end;
  const char* const base = quotes.base;
  const std::uint32_t* place = quotes.places + literal_.quotes();
  for (const QuickField& field : quick_fields_) {
    const char* end = line_end;
    switch (field.ending) {
      case QuickEnding::blank:
        end = find_blank(at, line_end, readable_end);
        break;
      case QuickEnding::quote:
        end = base + *place - field.quote;
        if (end > at && end[-1] == '\\') return false;  // it may be escaped
        break;
      case QuickEnding::before_time: {
        const char* const time_end = base + *place - (&field + 1)->quote;
        const auto bytes = static_cast<std::ptrdiff_t>(field.bytes + kClfBytes);
        const char* const time = time_end - kClfBytes;
        if (time_end - at < bytes || !(has_usual_clf_form(time) || has_clf_form({time, kClfBytes})))
          return false;
        end = time_end - bytes;
        break;
      }
      case QuickEnding::literal:
        end = find_literal(field, line, at);
        break;
      case QuickEnding::line_end:
      case QuickEnding::none:
        break;
    }
    if (end < at || !field.stands(end)) return false;
    if (field.is_special && !passes(field, line, at, end)) [[unlikely]]
      return false;
    *spans++ = {at, end};
    at = end + field.bytes;
    place += field.quotes;
  }
  return at == line_end;
}

/// See LineField: the one that is found quickly as `field`.
const WebLine::LineField& WebLine::line_field(const QuickField& field) const {
  return fields_[static_cast<std::size_t>(&field - quick_fields_.data())];
}

const char* WebLine::find_literal(const QuickField& field, const Line& line, const char* at) const {
  return find_text(at, line.end, line.readable_end, line_field(field).literal.text());
}

/// Whether a field that was found quickly has nothing in it that split() might see otherwise, and
/// all of a long literal stands behind it.
bool WebLine::passes(const QuickField& field, const Line& line, const char* at,
                     const char* end) const {
  const auto is_before_end = [&](char c) { return end != at && end[-1] == c; };
  const LineField& line_field = this->line_field(field);
  if (!line_field.literal.stands(end, line)) return false;
  switch (line_field.ending) {
    case Ending::quote:
      return !is_before_end('\\');
    case Ending::word:
      return find_blank(at, end, line.readable_end) == end;
    case Ending::upstream:
      return !is_before_end(',') && !is_before_end(':') && end != at &&
             !std::string_view(end, static_cast<std::size_t>(line.end - end)).starts_with(" : ");
    case Ending::literal:
    case Ending::padded_word:
    case Ending::user:
      break;
  }
  return true;
}

bool WebLine::find_end(std::size_t i, const Line& line, const char* at, const char*& end) const {
  const LineField& field = fields_[i];
  if (field.ending == Ending::user) return end_user(i, line, at, end);
  if (field.ending == Ending::quote) {
    end = find_open_quote(at, line.end, line.readable_end);
    return end != line.end;
  }
  end = field.literal.text().empty()
            ? line.end
            : find_text(at, line.end, line.readable_end, field.literal.text());
  if (end == line.end && !field.literal.text().empty()) return false;
  if (field.ending == Ending::upstream) end = end_upstream(field, line, end);
  if (field.ending != Ending::word && field.ending != Ending::padded_word) return true;
  // What follows a word is mostly the space that ends it.
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  return std::none_of(at, end, is_blank);
}

/// A list of several servers, `a, b : c`, whose pieces are parted by spaces as fields are.
const char* WebLine::end_upstream(const LineField& field, const Line& line, const char* end) const {
  while (end != line.end) {
    const std::string_view before(line.begin, static_cast<std::size_t>(end - line.begin));
    const std::string_view rest(end, static_cast<std::size_t>(line.end - end));
    // ` : ` stands between two of them: the colon is a piece of its own.
    const bool is_before_colon = rest.starts_with(" : ");
    if (!is_before_colon && !before.ends_with(',') && !before.ends_with(" :")) return end;
    end = find_text(end + (is_before_colon ? 3 : 1), line.end, line.readable_end,
                    field.literal.text());
  }
  return end;
}

/// Whether the literal behind a user, a time and the next literal follow each other at `at`.
bool WebLine::is_before_time(std::size_t i, const Line& line, const char* at) const {
  const LineField& time = fields_[i + 1];
  const std::string_view rest(at, static_cast<std::size_t>(line.end - at));
  if (!rest.starts_with(fields_[i].literal.text())) return false;
  const char* const begin = at + fields_[i].literal.size();
  const char* const end = end_of_time(time, line, begin);
  return end != nullptr && has_form_of(time.name, {begin, static_cast<std::size_t>(end - begin)});
}

/// Where a time that begins at `begin` would end; null where its literal is not near. A client may
/// have claimed a name of many beginnings of times: each is looked at for so long only.
const char* WebLine::end_of_time(const LineField& time, const Line& line, const char* begin) {
  constexpr std::ptrdiff_t kMaxTimeBytes = 64;
  if (time.literal.text().empty()) return line.end;
  const auto reach = static_cast<std::ptrdiff_t>(kMaxTimeBytes + time.literal.size());
  const char* const stop = line.end - begin > reach ? begin + reach : line.end;
  const char* const end = find_text(begin, stop, line.readable_end, time.literal.text());
  return end == stop ? nullptr : end;
}

/// A client's name may hold anything, also what looks like a time. It ends at the last place before
/// the first open quote where the literal, a time and the next literal follow each other; without a
/// quote behind the time at the first such place.
bool WebLine::end_user(std::size_t i, const Line& line, const char* at, const char*& end) const {
  const LineField& user = fields_[i];
  const LineField& time = fields_[i + 1];
  const std::string_view rest(at, static_cast<std::size_t>(line.end - at));
  if (rest.starts_with(kEmptyUser) && is_before_time(i, line, at + kEmptyUser.size())) {
    end = at + kEmptyUser.size();
    return true;
  }
  bool has_quote = false;
  for (std::size_t k = i + 1; k < fields_.size(); ++k) has_quote |= fields_[k].literal.has_quote();
  const char* const quote = has_quote ? find_open_quote(at, line.end, line.readable_end) : line.end;
  if (has_quote && quote == line.end) return false;
  const std::size_t quote_in_literal = time.literal.quote();
  bool found = false;
  for (const char* place = find_text(at, line.end, line.readable_end, user.literal.text());
       place < quote;
       place = find_text(place + 1, line.end, line.readable_end, user.literal.text())) {
    const char* const time_begin = place + user.literal.size();
    const char* const time_end = end_of_time(time, line, time_begin);
    if (time_end == nullptr) continue;
    const bool is_before_quote = quote_in_literal == std::string::npos
                                     ? time_end + time.literal.size() <= quote
                                     : time_end + quote_in_literal == quote;
    const std::string_view text(time_begin, static_cast<std::size_t>(time_end - time_begin));
    if ((has_quote && !is_before_quote) || !has_form_of(time.name, text)) continue;
    end = place;
    found = true;
    if (!has_quote) break;
  }
  return found;
}

}  // namespace billing
