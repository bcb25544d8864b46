#pragma once

// Columns in memory -> a stream of Arrow record batches that others read without a copy.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrow_c.h"

namespace billing::python {

/// A column as the schema names it.
struct ArrowField {
  std::string name;
  std::string format;             ///< as the specification writes types: `l`, `u`, `d:38,2`
  std::string dictionary_format;  ///< of the values that `format` numbers; empty: no dictionary
  bool has_nulls = false;         ///< whether it may have any
};

/// The buffers of a column behind that of its validity.
struct ArrowBuffers {
  std::vector<const void*> buffers;
  std::int64_t dictionary_length = 0;
  std::vector<const void*> dictionary = {};  ///< of the values; empty: no dictionary
  const void* validity = nullptr;            ///< a bit a row, set where it has a value; null: all
  std::int64_t null_count = 0;
};

/// Rows of all fields. `owner` keeps what the buffers point to.
struct ArrowRows {
  std::int64_t length = 0;
  std::vector<ArrowBuffers> columns;
  std::shared_ptr<const void> owner;
};

/// Where a stream takes its batches. Nothing of Python: streams are read and released without the
/// GIL, by any thread, one at a time.
class ArrowSource {
 public:
  virtual ~ArrowSource() = default;
  virtual const std::vector<ArrowField>& fields() const = 0;
  /// Nothing behind the last batch. What it throws becomes the error of the stream.
  virtual std::optional<ArrowRows> next() = 0;
};

void export_schema(const std::vector<ArrowField>& fields, ArrowSchema& out);

/// `out` owns the source until it is released.
void export_stream(std::unique_ptr<ArrowSource> source, ArrowArrayStream& out);

}  // namespace billing::python
