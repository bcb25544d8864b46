#include "engine_pair.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "billing/error.h"
#include "billing/mediate.h"
#include "billing/record_source.h"
#include "formats/input_format.h"
#include "naive/record_reader.h"

namespace billing::fuzz {
namespace {

constexpr std::uint64_t kMaxRecordBytes = kMinRecordLimitBytes;

/// What became of an input, a line for each event and reject.
struct Reading {
  std::vector<std::pair<std::uint64_t, std::string>> records;  ///< by offset
  std::uint64_t bytes = 0;
  std::uint64_t filtered = 0;
  std::uint64_t blanks = 0;
  std::uint64_t directives = 0;
  bool is_broken = false;
};

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

void demand(bool holds, const char* what) {
  if (!holds) fail(what);
}

std::string event_text(std::int64_t time_ns, std::string_view user, std::string_view task,
                       std::uint16_t status, std::int64_t quantity) {
  return std::to_string(time_ns) + "|" + std::string(user) + "|" + std::string(task) + "|" +
         std::to_string(status) + "|" + std::to_string(quantity);
}

std::string reject_text(RejectReason reason, std::uint32_t column) {
  return "reject " + std::to_string(static_cast<int>(reason)) + " at " + std::to_string(column);
}

/// The bytes of one chunk, in memory of their own: reading behind them is found out.
class FastReader {
 public:
  explicit FastReader(const RecordFormat& format) : format_(make_input_format(format)) {
    options_.format = format_;
    options_.max_record_bytes = kMaxRecordBytes;
  }

  Reading read(std::string_view log, std::size_t chunk_bytes) {
    const auto cutter = format_->make_cutter(true, kMaxRecordBytes);
    auto state = cutter->pass({});
    for (std::size_t begin = 0; begin < log.size();) {
      const std::string_view rest = log.substr(begin);
      const std::size_t end = cutter->first_end(rest, std::min(chunk_bytes, rest.size()) - 1);
      demand(end == RecordCutter::kNone || (end > 0 && end <= rest.size()), "a chunk's end");
      const std::string_view chunk = rest.substr(0, end);
      add(chunk, begin, state.get());
      state = cutter->pass(chunk);
      begin += chunk.size();
    }
    if (const auto missing = cutter->at_end()) add({}, log.size(), missing.get());
    std::sort(reading_.records.begin(), reading_.records.end());
    return std::move(reading_);
  }

 private:
  void add(std::string_view chunk, std::uint64_t offset, const RecordState* state) {
    const auto memory = std::make_unique<char[]>(chunk.size());
    std::copy(chunk.begin(), chunk.end(), memory.get());
    const std::string_view bytes(memory.get(), chunk.size());
    const std::size_t before = reading_.records.size();
    const MediationCounts counts = mediate(
        {bytes, bytes.size(), offset == 0, state}, options_, batch_,
        [&](EventBatch& batch) {
          validate_names(batch);
          for (std::size_t i = 0; i < batch.size; ++i) {
            reading_.records.emplace_back(offset + batch.offset_bytes[i],
                                          event_text(batch.time_ns[i], batch.user[i], batch.task[i],
                                                     batch.status[i], batch.quantity[i]));
          }
        },
        [&](const Reject& reject) {
          demand(reject.offset_bytes + reject.length_bytes <= bytes.size(), "a reject's place");
          reading_.records.emplace_back(offset + reject.offset_bytes,
                                        reject_text(reject.reason, reject.column));
        });
    const std::uint64_t counted =
        format_->count_records(bytes.substr(0, counts.ends_at.value_or(bytes.size())),
                               options_.simd) +
        (counts.is_broken ? 1 : 0);
    demand(counts.bytes == bytes.size(), "bytes do not balance");
    demand(counts.records == counted, "records do not balance");
    demand(counts.events + counts.rejects == reading_.records.size() - before,
           "events and rejects do not balance");
    demand(counts.records == counts.events - counts.further_events + counts.rejects +
                                 counts.filtered + counts.blanks + counts.directives,
           "counts do not balance");
    reading_.bytes += counts.bytes;
    reading_.filtered += counts.filtered;
    reading_.blanks += counts.blanks;
    reading_.directives += counts.directives;
    reading_.is_broken |= counts.is_broken;
  }

  static void validate_names(const EventBatch& batch) {
    for (std::size_t i = 0; i < batch.size; ++i) {
      for (const std::string_view name : {batch.user[i], batch.task[i]})
        demand(!name.empty() && name.size() <= kMaxNameBytes, "a name of no or too many bytes");
    }
  }

  std::shared_ptr<const InputFormat> format_;
  MediationOptions options_;
  EventBatch batch_;
  Reading reading_;
};

Reading read_naively(const RecordFormat& format, std::string_view log) {
  std::istringstream stream{std::string(log)};
  naive::RecordReader reader(stream, format, kMaxRecordBytes);
  Reading reading;
  using Kind = naive::Item::Kind;
  for (naive::Item item; reader.next(item);) {
    reading.filtered += item.kind == Kind::filtered ? 1 : 0;
    reading.blanks += item.kind == Kind::blank ? 1 : 0;
    reading.directives += item.kind == Kind::directive ? 1 : 0;
    if (item.kind == Kind::event) {
      for (const auto& event : item.events) {
        reading.records.emplace_back(
            item.record.offset_bytes,
            event_text(event.time_ns, event.user, event.task, event.status, event.quantity));
      }
    } else if (item.kind == Kind::reject) {
      reading.records.emplace_back(item.record.offset_bytes, reject_text(item.reason, item.column));
    }
  }
  reading.bytes = reader.bytes();
  reading.is_broken = reader.is_broken();
  std::sort(reading.records.begin(), reading.records.end());
  return reading;
}

/// What `make` makes; nothing, and why, where the settings are refused.
template <class Make>
auto attempt(const Make& make, std::string& why) -> std::optional<decltype(make())> {
  try {
    return make();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::configuration) throw;
    why = error.what();
    return std::nullopt;
  }
}

std::string shown(const Reading& reading) {
  std::string text = std::to_string(reading.bytes) + " bytes, " + std::to_string(reading.filtered) +
                     " filtered, " + std::to_string(reading.blanks) + " blank, " +
                     std::to_string(reading.directives) + " directives" +
                     (reading.is_broken ? ", broken" : "");
  for (const auto& [offset, record] : reading.records)
    text += "\n  " + std::to_string(offset) + ": " + record;
  return text;
}

}  // namespace

void compare_engines(const FormatSettings& settings, std::string_view log,
                     std::size_t chunk_bytes) {
  std::string why;
  const InputSample sample{"log", std::string(log.substr(0, kSampleBytes)),
                           log.size() <= kSampleBytes};
  const auto formats = attempt(
      [&] { return choose_formats(settings, 1, [&](std::size_t) { return sample; }); }, why);
  if (!formats || formats->formats.front().family == FormatFamily::text) return;
  const RecordFormat& format = formats->formats.front();
  std::string fast_problem;
  std::string naive_problem;
  const auto fast =
      attempt([&] { return FastReader(format).read(log, chunk_bytes); }, fast_problem);
  const auto naive = attempt([&] { return read_naively(format, log); }, naive_problem);
  // What the parallel engine refuses is refused before either is asked.
  if (fast && !naive) fail("the baseline alone refuses: " + naive_problem);
  if (fast && shown(*fast) != shown(*naive))
    fail("the engines differ; parallel: " + shown(*fast) + "\nnaive: " + shown(*naive));
  if (fast) demand(fast->bytes == log.size(), "bytes of the input do not balance");
}

}  // namespace billing::fuzz
