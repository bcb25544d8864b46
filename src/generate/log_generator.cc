#include "generate/log_generator.h"

#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

#include "base/civil_time.h"
#include "billing/error.h"
#include "generate/bad_records.h"
#include "generate/wide_integer.h"

namespace billing {

namespace {

using Order = LogGeneratorOptions::Order;

void require(bool holds, const char* otherwise) {
  if (!holds) throw std::invalid_argument(otherwise);
}

/// The first member that is made from options needs them to be right already.
const LogGeneratorOptions& validated(const LogGeneratorOptions& options) {
  std::string message;
  for (const std::string& mistake : mistakes_in(options)) {
    message += (message.empty() ? "" : "\n") + mistake;
  }
  if (!message.empty()) throw Error(ErrorKind::configuration, message);
  return options;
}

}  // namespace

std::vector<std::string> mistakes_in(const LogGeneratorOptions& options) {
  std::vector<std::string> mistakes;
  const auto expect = [&](bool holds, const char* otherwise) {
    if (!holds) mistakes.emplace_back(otherwise);
  };
  expect(options.records <= LogGeneratorOptions::kMaxRecords,
         "\1records: at most 1152921504606846976 (2^60)");
  expect(options.users >= 1 && options.users <= ZipfRanks::kMaxUsers,
         "\1users: 1 to 1000000000000");
  expect(options.zipf_exponent >= 0 && options.zipf_exponent <= ZipfRanks::kMaxExponent,
         "\1zipf: 0 to 10");
  expect(options.start_s >= 0, "\1start: not before 1970-01-01");
  expect(options.end_s <= LogGeneratorOptions::kMaxEndS, "\1end: not after 2262-01-01");
  expect(options.start_s < options.end_s, "\1end: must be after \1start");
  expect(options.bad_ppm <= LogGeneratorOptions::kMillion, "\1bad: at most 100%");
  expect(options.bad_ppm == 0 || options.form == LogForm::text,
         "\1bad: bad records are made of the format text alone");
  return mistakes;
}

LogGenerator::LogGenerator(const LogGeneratorOptions& options)
    : options_(validated(options)),
      random_(options.seed),
      ranks_(options.users, options.zipf_exponent),
      writer_(options.start_s, options.end_s),
      form_writer_(options.form, options.seed) {}

std::size_t LogGenerator::max_size_bytes(std::uint64_t records) const {
  if (options_.form != LogForm::text) return records * FormatWriter::kMaxLineBytes;
  return records *
         (options_.bad_ppm == 0 ? RecordWriter::kMaxLineBytes : RecordWriter::kMaxBadLineBytes);
}

std::size_t LogGenerator::write(std::uint64_t first, std::uint64_t last,
                                std::span<char> out) const {
  require(first <= last && last <= options_.records, "no such range of records");
  require(out.size() >= max_size_bytes(last - first), "no room for the records");
  RecordBatch batch;
  char* end = out.data();
  for (; first < last; first += batch.size) {
    batch.size = std::min<std::uint64_t>(last - first, RecordBatch::kCapacity);
    draw_times(first, batch);
    draw_users(first, batch);
    draw_fields(first, batch);
    draw_bad_kinds(first, batch);
    end = options_.form == LogForm::text ? writer_.write(batch, end)
                                         : form_writer_.write(batch, first, end);
  }
  return static_cast<std::size_t>(end - out.data());
}

std::uint8_t LogGenerator::bad_kind(std::uint64_t i) const {
  std::uint64_t word = random_.word(i, Purpose::badness);
  if (take_below(word, LogGeneratorOptions::kMillion) >= options_.bad_ppm) {
    return RecordBatch::kNotBad;
  }
  return static_cast<std::uint8_t>(take_below(word, bad_record_kinds().size()));
}

void LogGenerator::draw_times(std::uint64_t first, RecordBatch& batch) const {
  if (options_.order == Order::time) return draw_ordered_times(first, batch);
  const auto span_s = static_cast<std::uint64_t>(options_.end_s - options_.start_s);
  for (std::size_t i = 0; i < batch.size; ++i) {
    std::uint64_t word = random_.word(first + i, Purpose::time);
    batch.time_s[i] = options_.start_s + static_cast<std::int64_t>(take_below(word, span_s));
  }
}

/// Record i at start + floor(i * span / records): divided once a batch, then carried on by adding
/// quotient and remainder of span / records, which gives the same floors.
void LogGenerator::draw_ordered_times(std::uint64_t first, RecordBatch& batch) const {
  const auto span_s = static_cast<std::uint64_t>(options_.end_s - options_.start_s);
  const std::uint64_t records = options_.records;
  const Uint128 product = Uint128{first} * span_s;
  auto time_s = options_.start_s + static_cast<std::int64_t>(product / records);
  auto remainder = static_cast<std::uint64_t>(product % records);
  for (std::size_t i = 0; i < batch.size; ++i) {
    batch.time_s[i] = time_s;
    remainder += span_s % records;
    const bool carry = remainder >= records;
    remainder -= carry ? records : 0;
    time_s += static_cast<std::int64_t>(span_s / records) + (carry ? 1 : 0);
  }
}

void LogGenerator::draw_users(std::uint64_t first, RecordBatch& batch) const {
  if (options_.zipf_exponent == 0) {
    for (std::size_t i = 0; i < batch.size; ++i) {
      std::uint64_t word = random_.word(first + i, Purpose::user);
      batch.user[i] = 1 + take_below(word, options_.users);
    }
  } else {
    for (std::size_t i = 0; i < batch.size; ++i) {
      batch.user[i] = ranks_.rank(random_.word(first + i, Purpose::user));
    }
  }
}

void LogGenerator::draw_fields(std::uint64_t first, RecordBatch& batch) const {
  for (std::size_t i = 0; i < batch.size; ++i) {
    std::uint64_t word = random_.word(first + i, Purpose::fields);
    batch.call[i] = static_cast<std::uint16_t>(take_below(word, kGeneratedCalls));
    const std::uint64_t above_min = take_below(word, kMaxDurationMs - kMinDurationMs + 1);
    batch.duration_ms[i] = static_cast<std::uint16_t>(kMinDurationMs + above_min);
  }
}

void LogGenerator::draw_bad_kinds(std::uint64_t first, RecordBatch& batch) const {
  if (options_.bad_ppm == 0) {
    batch.bad_kind.fill(RecordBatch::kNotBad);
  } else {
    for (std::size_t i = 0; i < batch.size; ++i) batch.bad_kind[i] = bad_kind(first + i);
  }
}

/// Record i is at start + floor(i * span / records): the first at or behind an instant.
RecordRange records_of_day(const LogGeneratorOptions& options, std::int64_t day) {
  const auto span_s = static_cast<Uint128>(options.end_s - options.start_s);
  const auto first_at = [&](std::int64_t time_s) {
    if (time_s <= options.start_s) return std::uint64_t{0};
    const auto since_s = static_cast<Uint128>(time_s - options.start_s);
    const Uint128 first = (since_s * options.records + span_s - 1) / span_s;
    return static_cast<std::uint64_t>(std::min<Uint128>(first, options.records));
  };
  return {first_at(day * kSecondsPerDay), first_at((day + 1) * kSecondsPerDay)};
}

void generate_log(const LogGeneratorOptions& options, unsigned threads,
                  const std::function<void(std::string_view)>& sink) {
  generate_log(options, {0, options.records}, threads, sink);
}

void generate_log(const LogGeneratorOptions& options, const RecordRange& range, unsigned threads,
                  const std::function<void(std::string_view)>& sink) {
  require(threads >= 1, "threads must be at least 1");
  const LogGenerator generator(options);

  // A block stays in the second-level cache between being made and being taken. A third block a
  // thread lets the others go on while one waits for its turn at the sink.
  constexpr std::uint64_t kBlockRecords = 4096;
  const std::size_t blocks_in_flight = std::size_t{threads} * 3;
  std::vector<std::unique_ptr<char[]>> buffers(blocks_in_flight);

  std::uint64_t next_block = 0;
  const auto number_block = [&](tbb::flow_control& flow) -> std::uint64_t {
    if (range.first + next_block * kBlockRecords >= range.last) flow.stop();
    return next_block++;
  };
  // Blocks leave in order, so those in flight are neighbours, and no two of them share a buffer.
  const auto make_block = [&](std::uint64_t block) -> std::string_view {
    std::unique_ptr<char[]>& buffer = buffers[block % blocks_in_flight];
    const std::size_t capacity_bytes = generator.max_size_bytes(kBlockRecords);
    if (!buffer) buffer = std::make_unique_for_overwrite<char[]>(capacity_bytes);
    const std::uint64_t first = range.first + block * kBlockRecords;
    const std::uint64_t last = std::min(first + kBlockRecords, range.last);
    return {buffer.get(), generator.write(first, last, {buffer.get(), capacity_bytes})};
  };

  tbb::task_arena arena(static_cast<int>(threads));
  arena.execute([&] {
    using tbb::filter_mode, tbb::make_filter;
    tbb::parallel_pipeline(
        blocks_in_flight,
        make_filter<void, std::uint64_t>(filter_mode::serial_in_order, number_block) &
            make_filter<std::uint64_t, std::string_view>(filter_mode::parallel, make_block) &
            make_filter<std::string_view, void>(filter_mode::serial_in_order, sink));
  });
}

}  // namespace billing
