#pragma once

// JSON whose records are no lines: an array of objects, or objects over several lines. Where
// records begin and end there, by the depth of brackets and the quotes of strings alone.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "billing/record_format.h"
#include "billing/record_source.h"

namespace billing {

/// How the records of an input that begins so are laid out: an array begins with `[` and then `{`
/// or `]`; objects over several lines with a line that is `{` alone.
JsonLayout json_layout_of(std::string_view beginning);
/// The same of an input that may grow: one of which nothing but the `[` is there is an array, too.
JsonLayout growing_layout_of(std::string_view beginning);

/// Where in an input a byte stands.
enum class JsonPlace : std::uint8_t {
  input_start,  ///< a byte order mark may follow
  start,        ///< of an array: before its `[`
  first,        ///< behind the `[`
  element,      ///< behind a comma
  behind,       ///< behind a record
  closed,       ///< behind the `]`
  record,
  garbage,  ///< what stands where a record should: a broken one
  ended,    ///< behind a broken record: nothing is a record there
  cut_off,  ///< the input is at its end, though more was to come
};

/// Finds the records of bytes that come in pieces: what is known at a piece's end is all that the
/// next one needs.
class JsonDocumentScanner {
 public:
  enum class Event : std::uint8_t {
    none,    ///< the piece is at its end
    begins,  ///< a record, at its `{`
    ends,    ///< the record, or the garbage: right behind it
    breaks,  ///< garbage begins
  };

  JsonDocumentScanner(JsonLayout layout, JsonPlace place) : layout_(layout), place_(place) {}

  /// Goes on from `at`, which it moves to the next event.
  Event next(const char*& at, const char* end);

  JsonPlace place() const { return place_; }
  /// Whether a record, or garbage, has begun and not ended.
  bool is_within() const { return place_ == JsonPlace::record || place_ == JsonPlace::garbage; }
  /// Whether an input that ends here lacks something, besides the end of a record.
  bool lacks_end() const;
  /// A record turned out to be broken: nothing behind it counts.
  void stop() { place_ = JsonPlace::ended; }

 private:
  Event pass_record(const char*& at, const char* end);
  bool pass_string(const char*& at, const char* end);
  Event pass_garbage(const char*& at, const char* end);
  Event begin_record();
  Event begin_garbage();
  Event pass_mark(char c);

  JsonLayout layout_;
  JsonPlace place_;
  std::uint64_t depth_ = 0;  ///< of the record at hand
  bool is_in_string_ = false;
  bool is_escaped_ = false;  ///< the last byte was the backslash of an escape
  std::size_t garbage_bytes_ = 0;
};

/// What stands where a record should begin is shown up to its line's end, and no more than this.
inline constexpr std::size_t kMaxGarbageBytes = 1024;

/// `is_object` tells whether a record is valid as a whole; records longer than `max_record_bytes`
/// are not asked for.
std::unique_ptr<RecordCutter> make_document_cutter(JsonLayout layout, bool at_input_start,
                                                   std::uint64_t max_record_bytes,
                                                   std::function<bool(std::string_view)> is_object);

/// Where records with this state begin; `fallback` where it is of another kind.
JsonPlace json_place_of(const RecordState* state, JsonPlace fallback);

/// `bytes` begin with a record: behind the first one that ends at byte `from` or later.
std::size_t json_record_end(JsonLayout layout, std::string_view bytes, std::size_t from);

/// The second count: objects that are in no other. Knows nothing of what stands between them.
std::uint64_t count_outer_objects(std::string_view bytes);

/// Calls `take` for each object, from an input's start on, that ends among `bytes`.
void for_each_document(JsonLayout layout, std::string_view bytes,
                       const std::function<void(std::string_view)>& take);

}  // namespace billing
