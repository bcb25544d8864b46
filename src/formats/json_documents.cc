#include "formats/json_documents.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/utf8.h"

namespace billing {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

class PlaceState final : public RecordState {
 public:
  explicit PlaceState(JsonPlace place) : place_(place) {}
  JsonPlace place() const { return place_; }

 private:
  JsonPlace place_;
};

/// Follows an input's records chunk by chunk. A chunk may end behind any record, and anywhere
/// between two. A record that is broken ends the input, so they are checked as they pass by, in
/// order.
class DocumentCutter final : public RecordCutter {
 public:
  DocumentCutter(JsonLayout layout, JsonPlace place, std::uint64_t max_record_bytes,
                 std::function<bool(std::string_view)> is_object)
      : max_record_bytes_(max_record_bytes),
        is_object_(std::move(is_object)),
        at_chunk_(layout, place),
        scanner_(at_chunk_) {}

  std::size_t first_end(std::string_view bytes, std::size_t from) override {
    if (from < scanned_) restart();
    const char* at = bytes.data() + scanned_;
    const char* const end = bytes.data() + bytes.size();
    while (next(at, end, bytes.data()) != JsonDocumentScanner::Event::none) {
      if (!scanner_.is_within() && scanned_ > from) return scanned_;
    }
    return may_end_anywhere(bytes.size()) && bytes.size() > from ? bytes.size() : kNone;
  }

  std::size_t last_end(std::string_view bytes, std::size_t /*from*/) override {
    const char* at = bytes.data() + scanned_;
    const char* const end = bytes.data() + bytes.size();
    while (next(at, end, bytes.data()) != JsonDocumentScanner::Event::none) continue;
    if (scanner_.is_within()) return begin_ > 0 ? begin_ : kNone;
    return may_end_anywhere(bytes.size()) ? bytes.size() : kNone;
  }

  std::size_t skip(std::string_view more) override {
    const char* at = more.data();
    is_skipping_ = true;
    const auto event = scanner_.next(at, more.data() + more.size());
    return event == JsonDocumentScanner::Event::none ? kNone
                                                     : static_cast<std::size_t>(at - more.data());
  }

  bool ends_lines() const override { return false; }
  bool is_open() const override { return scanner_.is_within(); }

  std::shared_ptr<const RecordState> pass(std::string_view chunk) override {
    if (std::exchange(is_skipping_, false)) {
      at_chunk_ = scanner_;
    } else if (chunk.size() == scanned_ && !chunk.empty()) {
      at_chunk_ = scanner_;
      for (const auto& [begin, end] : records_) check(chunk.substr(begin, end - begin));
    } else {
      scan_and_check(chunk);
    }
    restart();
    return std::make_shared<PlaceState>(at_chunk_.place());
  }

  std::shared_ptr<const RecordState> at_end() override {
    if (!at_chunk_.lacks_end()) return nullptr;
    at_chunk_.stop();
    return std::make_shared<PlaceState>(JsonPlace::cut_off);
  }

 private:
  void restart() {
    scanner_ = at_chunk_;
    scanned_ = 0;
    begin_ = 0;
    records_.clear();
  }

  JsonDocumentScanner::Event next(const char*& at, const char* end, const char* base) {
    const auto event = scanner_.next(at, end);
    scanned_ = static_cast<std::size_t>(at - base);
    if (event == JsonDocumentScanner::Event::none) return event;
    if (scanner_.is_within()) begin_ = scanned_;
    if (scanner_.place() == JsonPlace::behind) records_.emplace_back(begin_, scanned_);
    return event;
  }

  /// Between records. A byte order mark must not be torn apart.
  bool may_end_anywhere(std::size_t size) const {
    const bool may_be_mark =
        at_chunk_.place() == JsonPlace::input_start && size <= kByteOrderMark.size();
    return size > 0 && !scanner_.is_within() && !may_be_mark;
  }

  void check(std::string_view record) {
    if (record.size() <= max_record_bytes_ && !is_object_(record)) at_chunk_.stop();
  }

  void scan_and_check(std::string_view chunk) {
    const char* at = chunk.data();
    const char* const end = at + chunk.size();
    const char* begin = at;
    JsonDocumentScanner::Event event;
    while ((event = at_chunk_.next(at, end)) != JsonDocumentScanner::Event::none) {
      if (event != JsonDocumentScanner::Event::ends) {
        begin = at;
        continue;
      }
      if (at_chunk_.place() == JsonPlace::behind)
        check({begin, static_cast<std::size_t>(at - begin)});
    }
  }

  std::uint64_t max_record_bytes_;
  std::function<bool(std::string_view)> is_object_;
  JsonDocumentScanner at_chunk_;  ///< as it was where the chunk begins
  JsonDocumentScanner scanner_;   ///< as it is at scanned_
  std::size_t scanned_ = 0;       ///< of the chunk that is being cut
  std::size_t begin_ = 0;         ///< of the record there, if it is within one
  /// The records that end there, as far as it is scanned: so they are not looked for twice.
  std::vector<std::pair<std::size_t, std::size_t>> records_;
  bool is_skipping_ = false;
};

/// Behind the string whose opening quote stands at `at`.
std::size_t string_end(std::string_view bytes, std::size_t at) {
  while (true) {
    at = bytes.find_first_of("\"\\", at + 1);
    if (at == std::string_view::npos) return bytes.size();
    if (bytes[at] == '"') return at + 1;
    ++at;  // what is escaped
  }
}

}  // namespace

JsonLayout json_layout_of(std::string_view beginning) {
  if (beginning.starts_with(kByteOrderMark)) beginning.remove_prefix(kByteOrderMark.size());
  const std::size_t first = beginning.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return JsonLayout::lines;
  const std::string_view text = beginning.substr(first);
  if (text[0] == '[') {
    const std::size_t second = text.find_first_not_of(kBlanks, 1);
    const bool is_array =
        second != std::string_view::npos && (text[second] == '{' || text[second] == ']');
    return is_array ? JsonLayout::array : JsonLayout::lines;
  }
  const std::size_t line_end = text.find('\n');
  if (text[0] != '{' || line_end == std::string_view::npos) return JsonLayout::lines;
  return text.find_first_not_of(kBlanks, 1) > line_end ? JsonLayout::objects : JsonLayout::lines;
}

JsonLayout growing_layout_of(std::string_view beginning) {
  std::string_view text = beginning;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const bool is_begun =
      text.starts_with('[') && text.find_first_not_of(kBlanks, 1) == std::string_view::npos;
  return is_begun ? JsonLayout::array : json_layout_of(beginning);
}

JsonDocumentScanner::Event JsonDocumentScanner::next(const char*& at, const char* end) {
  if (place_ == JsonPlace::input_start && at != end) {
    place_ = JsonPlace::start;
    const std::string_view rest(at, static_cast<std::size_t>(end - at));
    if (rest.starts_with(kByteOrderMark)) at += kByteOrderMark.size();
  }
  while (at != end) {
    if (place_ == JsonPlace::record) return pass_record(at, end);
    if (place_ == JsonPlace::garbage) return pass_garbage(at, end);
    if (place_ == JsonPlace::ended || place_ == JsonPlace::cut_off) {
      at = end;
    } else if (is_blank(*at)) {
      ++at;
    } else if (const Event event = pass_mark(*at); event != Event::none) {
      return event;
    } else {
      ++at;
    }
  }
  return Event::none;
}

bool JsonDocumentScanner::lacks_end() const {
  return layout_ == JsonLayout::array &&
         (place_ == JsonPlace::first || place_ == JsonPlace::element ||
          place_ == JsonPlace::behind);
}

/// A byte between records that is no blank.
JsonDocumentScanner::Event JsonDocumentScanner::pass_mark(char c) {
  if (layout_ == JsonLayout::objects) return c == '{' ? begin_record() : begin_garbage();
  const bool may_begin = place_ == JsonPlace::first || place_ == JsonPlace::element;
  if (c == '{' && may_begin) return begin_record();
  if (c == '[' && place_ == JsonPlace::start) {
    place_ = JsonPlace::first;
  } else if (c == ']' && (place_ == JsonPlace::first || place_ == JsonPlace::behind)) {
    place_ = JsonPlace::closed;
  } else if (c == ',' && place_ == JsonPlace::behind) {
    place_ = JsonPlace::element;
  } else {
    return begin_garbage();
  }
  return Event::none;
}

JsonDocumentScanner::Event JsonDocumentScanner::begin_record() {
  place_ = JsonPlace::record;
  depth_ = 0;
  is_in_string_ = false;
  is_escaped_ = false;
  return Event::begins;
}

JsonDocumentScanner::Event JsonDocumentScanner::begin_garbage() {
  place_ = JsonPlace::garbage;
  garbage_bytes_ = 0;
  return Event::breaks;
}

/// Brackets of both kinds are counted together: whether they match is left to whoever decodes.
JsonDocumentScanner::Event JsonDocumentScanner::pass_record(const char*& at, const char* end) {
  const char* place = at;
  std::uint64_t depth = depth_;
  bool is_done = false;
  while (place != end && !is_done) {
    if (is_in_string_) {
      is_in_string_ = !pass_string(place, end);
      continue;
    }
    const char c = *place++;
    if (c == '"') {
      is_in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      is_done = --depth == 0;
    }
  }
  at = place;
  depth_ = depth;
  if (!is_done) return Event::none;
  place_ = JsonPlace::behind;
  return Event::ends;
}

/// Whether the string ends among the bytes; `at` is moved behind it.
bool JsonDocumentScanner::pass_string(const char*& at, const char* end) {
  const char* place = at;
  bool is_escaped = is_escaped_;
  bool is_done = false;
  while (place != end && !is_done) {
    const char c = *place++;
    if (is_escaped) {
      is_escaped = false;
    } else if (c == '\\') {
      is_escaped = true;
    } else {
      is_done = c == '"';
    }
  }
  at = place;
  is_escaped_ = is_escaped;
  return is_done;
}

JsonDocumentScanner::Event JsonDocumentScanner::pass_garbage(const char*& at, const char* end) {
  while (at != end) {
    const char c = *at++;
    if (c != '\n' && ++garbage_bytes_ < kMaxGarbageBytes) continue;
    stop();
    return Event::ends;
  }
  return Event::none;
}

std::unique_ptr<RecordCutter> make_document_cutter(
    JsonLayout layout, bool at_input_start, std::uint64_t max_record_bytes,
    std::function<bool(std::string_view)> is_object) {
  const JsonPlace place = at_input_start ? JsonPlace::input_start : JsonPlace::element;
  return std::make_unique<DocumentCutter>(layout, place, max_record_bytes, std::move(is_object));
}

JsonPlace json_place_of(const RecordState* state, JsonPlace fallback) {
  const auto* const known = dynamic_cast<const PlaceState*>(state);
  return known == nullptr ? fallback : known->place();
}

std::size_t json_record_end(JsonLayout layout, std::string_view bytes, std::size_t from) {
  JsonDocumentScanner scanner(layout, JsonPlace::element);
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  JsonDocumentScanner::Event event;
  while ((event = scanner.next(at, end)) != JsonDocumentScanner::Event::none) {
    const auto size = static_cast<std::size_t>(at - bytes.data());
    if (event == JsonDocumentScanner::Event::ends && size > from) return size;
  }
  return bytes.size();
}

std::uint64_t count_outer_objects(std::string_view bytes) {
  std::uint64_t objects = 0;
  std::uint64_t depth = 0;
  for (std::size_t at = bytes.find('{'); at < bytes.size();) {
    if (depth == 0) ++objects;
    switch (bytes[at]) {
      case '"':
        at = string_end(bytes, at);
        break;
      case '{':
      case '[':
        ++depth;
        ++at;
        break;
      case '}':
      case ']':
        --depth;
        ++at;
        break;
      default:
        ++at;
    }
    if (depth == 0) at = bytes.find('{', at);
  }
  return objects;
}

void for_each_document(JsonLayout layout, std::string_view bytes,
                       const std::function<void(std::string_view)>& take) {
  JsonDocumentScanner scanner(layout, JsonPlace::input_start);
  const char* at = bytes.data();
  const char* begin = at;
  JsonDocumentScanner::Event event;
  while ((event = scanner.next(at, bytes.data() + bytes.size())) !=
         JsonDocumentScanner::Event::none) {
    if (event == JsonDocumentScanner::Event::begins) begin = at;
    if (event == JsonDocumentScanner::Event::ends && scanner.place() == JsonPlace::behind)
      take({begin, static_cast<std::size_t>(at - begin)});
  }
}

}  // namespace billing
