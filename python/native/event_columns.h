#pragma once

// Decoded events in memory, by columns, with the fields that were kept beside them.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "arrow_export.h"
#include "billing/event_batch.h"
#include "billing/int128.h"
#include "reject_table.h"

namespace billing::python {

/// Texts, one after the other, where each begins and the last ends, and which of them are there.
struct TextColumn {
  std::string bytes;
  std::vector<std::int32_t> ends = {0};
  std::vector<std::uint8_t> validity;  ///< a bit each
  std::int64_t null_count = 0;

  std::size_t size() const { return ends.size() - 1; }
  /// A missing one has no data. What is not UTF-8 is written `\xhh` for each byte. Throws
  /// Error(run) where all have more bytes than a column of Arrow.
  void add(std::string_view text);
  bool is_there(std::size_t i) const { return (validity[i / 8] >> i % 8 & 1) != 0; }
  std::string_view text(std::size_t i) const;
  ArrowBuffers buffers() const;
};

/// The events of one chunk of records. Filled by one thread; afterwards immutable.
struct EventColumns {
  explicit EventColumns(std::size_t field_count) : fields(field_count) {}

  /// Event `i` of a batch, the offsets of which count from `begin_bytes` of the input.
  void add(const EventBatch& batch, std::size_t i, std::uint64_t begin_bytes);
  /// Puts the events in the order of the input, where they are not.
  void sort();

  std::size_t size() const { return times_ns.size(); }

  std::vector<std::int64_t> times_ns;
  TextColumn users;
  TextColumn tasks;
  std::vector<std::int32_t> statuses;
  std::vector<std::uint8_t> has_status;  ///< a bit each
  std::int64_t without_status = 0;
  std::vector<std::int64_t> quantities;
  std::vector<std::int64_t> offsets_bytes;
  std::vector<TextColumn> fields;

 private:
  void add_status(std::uint16_t status);
};

/// The events of an input or of a part of it, and their columns. Immutable once it is filled.
struct EventsTable {
  std::vector<std::string> field_names;
  int quantity_digits = 0;
  std::vector<std::shared_ptr<const EventColumns>> chunks;
  std::uint64_t size = 0;

  std::vector<ArrowField> fields() const;
};

/// The batches of a table, each a chunk.
std::unique_ptr<ArrowSource> read_as_arrow(std::shared_ptr<const EventsTable> table);

/// Whether a column of events has this name already.
bool is_event_column(std::string_view name);

}  // namespace billing::python
