#include "job/kept_usage.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

namespace billing {
namespace {

class RenumberedRows final : public UsageSink {
 public:
  RenumberedRows(UsageSink& sink, const std::vector<std::uint32_t>& places)
      : sink_(sink), places_(places) {}

  void begin_user(std::string_view user, std::uint64_t first_row) override {
    sink_.begin_user(user, first_row);
  }
  void add(std::span<const UsageRow> rows) override {
    rows_.assign(rows.begin(), rows.end());
    for (UsageRow& row : rows_) row.task = places_[row.task];
    sink_.add(rows_);
  }

 private:
  UsageSink& sink_;
  const std::vector<std::uint32_t>& places_;
  std::vector<UsageRow> rows_;
};

class RenumberedStream final : public UsageStream {
 public:
  RenumberedStream(UsageStream& rows, std::vector<std::uint32_t> places)
      : rows_(rows), places_(std::move(places)) {}

  bool next(UsageSink& sink) override {
    RenumberedRows renumbered(sink, places_);
    return rows_.next(renumbered);
  }

 private:
  UsageStream& rows_;
  std::vector<std::uint32_t> places_;
};

}  // namespace

std::vector<std::string> all_tasks(const TaskNames& of_rows, const KeptSource& kept) {
  std::vector<std::string> tasks(kept.tasks.begin(), kept.tasks.end());
  for (std::size_t i = 0; i < of_rows.size(); ++i) tasks.emplace_back(of_rows[i]);
  std::sort(tasks.begin(), tasks.end());
  tasks.erase(std::unique(tasks.begin(), tasks.end()), tasks.end());
  return tasks;
}

KeyedTotals write_records(UsageFileWriter& file, const KeptSource& kept,
                          const std::vector<std::uint32_t>& places,
                          const std::function<void()>& checkpoint) {
  KeyedTotals totals;
  std::string item;
  file.end_head();
  for (std::size_t range = 0; range < kKeyRanges; ++range) {
    JudgedRecords records(kept.stage, range, 1, kept.input_of.size(), checkpoint);
    while (records.next()) {
      const KeyedRecord record = records.record();
      if (!records.stays() || record.time_ns < kept.from_ns) continue;
      totals.add(record);
      item.clear();
      append_kept(item, records.key(), record, places[kept.input_of[record.input]]);
      file.write_item(BlockKind::records, item);
    }
  }
  return totals;
}

std::unique_ptr<UsageStream> renumber(UsageStream& rows, const TaskNames& of_rows,
                                      const std::vector<std::string>& all) {
  std::vector<std::uint32_t> places;
  std::size_t place = 0;
  for (std::size_t i = 0; i < of_rows.size(); ++i) {
    while (all[place] != of_rows[i]) ++place;
    places.push_back(static_cast<std::uint32_t>(place));
  }
  return std::make_unique<RenumberedStream>(rows, std::move(places));
}

}  // namespace billing
