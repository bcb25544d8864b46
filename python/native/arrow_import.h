#pragma once

// Record batches of somebody else, read cell by cell with checks. What no reader can check is
// believed: that pointers lead to as much memory as lengths and offsets say.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "arrow_c.h"
#include "billing/int128.h"

namespace billing::python {

enum class ArrowKind : std::uint8_t {
  other,
  utf8,
  large_utf8,
  utf8_view,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  decimal128,
  timestamp,
  floating,
};

/// The type of a column.
struct ArrowType {
  std::string format;  ///< as the specification writes it
  ArrowKind kind = ArrowKind::other;
  std::optional<ArrowKind> index;  ///< of a dictionary, whose values are of `kind`
  int scale = 0;                   ///< of decimal128
  std::int64_t unit_ns = 1;        ///< of a timestamp
  bool has_zone = false;           ///< of a timestamp: it is an instant

  bool is_text() const {
    return kind == ArrowKind::utf8 || kind == ArrowKind::large_utf8 || kind == ArrowKind::utf8_view;
  }
  bool is_integer() const { return kind >= ArrowKind::int8 && kind <= ArrowKind::uint64; }
};

ArrowType type_of(const ArrowSchema& schema);

/// A column of one batch, which must outlive it.
class ArrowCells {
 public:
  /// Throws Error(run) that names the column where the array is not what its type says. `rows` is
  /// the array of the batch, whose offset counts for all columns.
  ArrowCells(const std::string& name, const ArrowType& type, const ArrowArray& column,
             const ArrowArray& rows);

  /// Nothing where the cell is null, or what it says leads nowhere.
  std::optional<std::string_view> text(std::int64_t row) const;
  /// Of integers, decimals and timestamps, without their scale and unit.
  std::optional<Int128> number(std::int64_t row) const;

 private:
  static bool is_valid(const ArrowArray& array, std::int64_t at);
  std::optional<std::string_view> text_at(const ArrowArray& array, std::int64_t at) const;

  const ArrowType& type_;
  const ArrowArray& array_;
  const ArrowArray& rows_;
};

/// A stream, taken over from its capsule; one thread at a time.
class ArrowReader {
 public:
  /// The stream is released with this.
  explicit ArrowReader(const ArrowArrayStream& stream) : stream_(stream) {}
  ~ArrowReader();
  ArrowReader(const ArrowReader&) = delete;
  ArrowReader& operator=(const ArrowReader&) = delete;

  // Both throw Error(run) with what the stream says.

  std::shared_ptr<const ArrowSchema> schema();
  /// Null behind the last batch.
  std::shared_ptr<const ArrowArray> next();

 private:
  void check(int code);

  ArrowArrayStream stream_;
};

}  // namespace billing::python
