#include "partials/kept_records.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/byte_codec.h"
#include "base/utf8.h"
#include "billing/event_batch.h"
#include "billing/record_format.h"

namespace billing {
namespace {

/// Records between two looks at whether the host wants to go on.
constexpr std::uint64_t kRecordsAtOnce = std::uint64_t{1} << 16;

/// A record as it was read; its events are in memory of its own.
struct KeptRecord {
  RecordKey key;
  std::uint64_t place = 0;
  KeyedRecord record;
  std::string events;
};

/// Never trusts the bytes, which have failed where they are no record.
void read_record(ByteReader& bytes, KeptRecord& kept) {
  kept.key.high = bytes.fixed<std::uint64_t>();
  kept.key.low = bytes.fixed<std::uint64_t>();
  kept.place = bytes.varint();
  kept.record.time_ns = unzigzag(bytes.varint());
  const std::uint64_t status = bytes.varint();
  kept.record.user = bytes.string();
  if (status > kMaxStatus || kept.record.user.size() > kMaxNameBytes) bytes.fail();
  kept.record.status = static_cast<std::uint16_t>(status);
  kept.events.clear();
  const std::uint64_t count = bytes.varint();
  if (count == 0 || count > kMaxMeasures) bytes.fail();
  for (std::uint64_t i = 0; i < count && !bytes.failed(); ++i) {
    const std::string_view task = bytes.string();
    const std::int64_t quantity = unzigzag(bytes.varint());
    if (task.size() > kMaxNameBytes) return bytes.fail();
    append_event(kept.events, {quantity, task});
  }
  kept.record.events = kept.events;
}

/// Reads all records of a file, each of which must be such as could have been written.
class KeptChecker {
 public:
  KeptChecker(BlockReader& blocks, const KeptBounds& bounds, KeptRecords& records)
      : blocks_(blocks), items_(blocks, BlockKind::records), bounds_(bounds), records_(records) {}

  void check_all(const std::function<void()>& checkpoint) {
    records_.by_input.resize(bounds_.inputs.size());
    std::size_t ranges = 0;  // of which is known where they begin
    std::uint64_t block_begin = blocks_.offset_bytes();
    for (std::uint64_t before = block_begin; ByteReader* bytes = items_.next();
         before = blocks_.offset_bytes()) {
      if (blocks_.offset_bytes() != before) block_begin = before;
      read_record(*bytes, next_);
      if (bytes->failed()) items_.fail("a record is invalid");
      check();
      const std::size_t range = key_range_of(next_.key);
      while (ranges <= range) records_.begins[ranges++] = block_begin;
      count();
      if (records_.totals.records % kRecordsAtOnce == 0) checkpoint();
      last_key_ = next_.key;
    }
    std::fill(records_.begins.begin() + static_cast<std::ptrdiff_t>(ranges), records_.begins.end(),
              blocks_.offset_bytes());
    for (std::size_t i = 0; i < bounds_.inputs.size(); ++i)
      if (!is_part(records_.by_input[i], bounds_.inputs[i])) fail_of_inputs();
  }

 private:
  void check() {
    const KeyedRecord& record = next_.record;
    written_.clear();
    append_kept(written_, next_.key, record, next_.place);
    if (written_ != items_.item()) items_.fail("a record is not in canonical form");
    if (next_.place >= bounds_.inputs.size()) items_.fail("a record is of no input");
    const KeyedTotals& input = bounds_.inputs[next_.place];
    if (!is_valid_name(record.user) || record.time_ns < input.earliest_ns ||
        record.time_ns > input.latest_ns || !has_valid_events())
      items_.fail("a record is invalid");
    if (!is_in_order()) items_.fail("its records are not in order");
  }

  /// One that bills nothing has one event, without a task and a quantity.
  bool has_valid_events() const {
    std::string_view left = next_.record.events;
    for (bool is_first = true; !left.empty(); is_first = false) {
      const KeyedEvent event = take_event(left);
      const bool bills_nothing =
          is_first && left.empty() && event.task.empty() && event.quantity == 0;
      const bool is_billed = is_valid_name(event.task) && event.quantity <= kMaxQuantity &&
                             event.quantity >= (bounds_.negative ? -kMaxQuantity : 0);
      if (!bills_nothing && !is_billed) return false;
    }
    return true;
  }

  /// No two records have one key; those without are ordered by what they are billed as.
  bool is_in_order() {
    if (next_.key != kNoKey) return records_.totals.records == 0 || is_before(last_key_, next_.key);
    if (last_key_ != kNoKey) return false;
    row_.clear();
    append_record(row_, next_.record);
    const bool is_first = records_.totals.records == 0;
    std::swap(row_, last_row_);
    return is_first || !bounds_.order(last_row_, row_);
  }

  void count() {
    records_.totals.add(next_.record);
    records_.without_key += next_.key == kNoKey ? 1 : 0;
    KeyedTotals& input = records_.by_input[next_.place];
    input.add(next_.record);
    // So that no number of records can add up to more than is counted.
    if (input.records > bounds_.inputs[next_.place].records) fail_of_inputs();
  }

  static bool is_part(const KeyedTotals& part, const KeyedTotals& all) {
    return part.records < all.records ? part.events <= all.events : part == all;
  }

  [[noreturn]] void fail_of_inputs() const {
    items_.fail("its records are not what its inputs add up to");
  }

  BlockReader& blocks_;
  BlockItems items_;
  const KeptBounds& bounds_;
  KeptRecords& records_;
  KeptRecord next_;
  RecordKey last_key_ = kNoKey;
  std::string written_;
  std::string row_;
  std::string last_row_;
};

class KeptReader final : public KeyedReader {
 public:
  KeptReader(std::shared_ptr<const ByteSource> bytes, std::uint64_t begin_bytes, std::size_t range,
             std::uint32_t first_input, std::size_t buffer_bytes)
      : blocks_(std::move(bytes), begin_bytes, buffer_bytes),
        items_(blocks_, BlockKind::records),
        range_(range),
        first_input_(first_input) {}

  bool next(KeyedRow& row) override {
    while (ByteReader* const bytes = at_end_ ? nullptr : items_.next()) {
      read_record(*bytes, kept_);
      if (bytes->failed()) items_.fail("the file has changed since it was opened");
      const std::size_t range = key_range_of(kept_.key);
      if (range < range_) continue;
      if (range > range_) break;
      kept_.record.input = first_input_ + static_cast<std::uint32_t>(kept_.place);
      bytes_.clear();
      append_record(bytes_, kept_.record);
      row = {kept_.key, bytes_};
      return true;
    }
    at_end_ = true;
    return false;
  }

 private:
  BlockReader blocks_;
  BlockItems items_;
  std::size_t range_;
  std::uint32_t first_input_;
  bool at_end_ = false;
  KeptRecord kept_;
  std::string bytes_;
};

class KeptRun final : public KeyedRun {
 public:
  KeptRun(const KeptRecords& records, std::uint32_t first_input)
      : bytes_(records.bytes), begins_(records.begins), first_input_(first_input) {}

  std::unique_ptr<KeyedReader> read(std::size_t range, std::size_t buffer_bytes) const override {
    constexpr std::size_t kMinBufferBytes = 4096;
    return std::make_unique<KeptReader>(bytes_, begins_[range], range, first_input_,
                                        std::max(buffer_bytes, kMinBufferBytes));
  }

 private:
  std::shared_ptr<const ByteSource> bytes_;
  std::array<std::uint64_t, kKeyRanges + 1> begins_;
  std::uint32_t first_input_;
};

}  // namespace

void append_kept(std::string& out, const RecordKey& key, const KeyedRecord& record,
                 std::uint64_t place) {
  append_fixed(out, key.high);
  append_fixed(out, key.low);
  append_varint(out, place);
  append_varint(out, zigzag(record.time_ns));
  append_varint(out, record.status);
  append_string(out, record.user);
  std::uint64_t count = 0;
  for (std::string_view events = record.events; !events.empty(); ++count) take_event(events);
  append_varint(out, count);
  for (std::string_view events = record.events; !events.empty();) {
    const KeyedEvent event = take_event(events);
    append_string(out, event.task);
    append_varint(out, zigzag(event.quantity));
  }
}

KeptRecords read_kept(BlockReader& blocks, std::shared_ptr<const ByteSource> bytes,
                      const KeptBounds& bounds, const std::function<void()>& checkpoint) {
  KeptRecords records;
  records.bytes = std::move(bytes);
  KeptChecker(blocks, bounds, records).check_all(checkpoint);
  return records;
}

std::unique_ptr<KeyedRun> make_run(const KeptRecords& records, std::uint32_t first_input) {
  return std::make_unique<KeptRun>(records, first_input);
}

}  // namespace billing
