#pragma once

// Records in partials: those that stay of all with their key, to be compared with records of other
// partials and of later runs. docs/partial-format.md describes their blocks.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "billing/byte_source.h"
#include "partials/block_reader.h"
#include "partials/keyed_record.h"
#include "partials/keyed_rows.h"

namespace billing {

/// The records of a file, which stay there.
struct KeptRecords {
  std::shared_ptr<const ByteSource> bytes;
  /// By range of keys, where the block with its first record begins, or where the next range
  /// does; the last is behind all of them.
  std::array<std::uint64_t, kKeyRanges + 1> begins{};
  KeyedTotals totals;
  std::uint64_t without_key = 0;      ///< of them
  std::vector<KeyedTotals> by_input;  ///< in the order of the file
};

/// What records must be like, beside what the format asks of each.
struct KeptBounds {
  std::vector<KeyedTotals> inputs;  ///< what each input accepted
  TieOrder order;
  bool negative = false;  ///< whether quantities may be below 0
};

/// Adds a record of the input at `place` in its file.
void append_kept(std::string& out, const RecordKey& key, const KeyedRecord& record,
                 std::uint64_t place);

/// Reads all records; `blocks`, of `bytes`, stands at the first and then behind the last. Throws
/// Error(run) where they are not such as the bounds allow, not in order, or not written as they
/// should be.
KeptRecords read_kept(BlockReader& blocks, std::shared_ptr<const ByteSource> bytes,
                      const KeptBounds& bounds, const std::function<void()>& checkpoint);

/// The same as a run, with inputs numbered from `first_input`.
std::unique_ptr<KeyedRun> make_run(const KeptRecords& records, std::uint32_t first_input);

}  // namespace billing
