#include "partial_maker.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/escape_text.h"
#include "bill.h"
#include "billing/money.h"
#include "billing/partials.h"
#include "errors.h"
#include "event_table.h"
#include "file_piece.h"
#include "interrupts.h"
#include "io/file_source.h"
#include "job/input_formats.h"
#include "job/reject_ledger.h"
#include "keywords.h"
#include "options/aggregate_job.h"
#include "render/reject_text.h"

namespace nb = nanobind;
using namespace nanobind::literals;

namespace billing::python {
namespace {

constexpr const char* kDoc =
    R"(Turns files, pieces of files and lines into a partial, to be merged and billed by merge().

Options are those of `billing aggregate` that say what records are and what usage keeps: formats and
fields, filters, cycle, group_by, timezone, max_rejects, threads, memory_limit, temp_dir. Prices come
with merge(). The unit of the first input is that of all. One call at a time; makers are independent.
After an exception begin again with another maker.

Raises ConfigurationError, TypeError.)";

constexpr const char* kElsewhere =
    "has no meaning here: add_file() and add_lines() say what is read";
constexpr const char* kNotYet = "a partial is not billed yet; say it to merge()";
constexpr const char* kNotKept = "a PartialMaker writes no files; see finish() and rejects";
constexpr const char* kNoKeys =
    "a PartialMaker finds no duplicates; aggregate(partial=...) makes partials that do";

KeywordRules maker_rules() {
  KeywordRules rules{"PartialMaker", program_refusals(/*reads_env=*/false), {}};
  const auto refuse = [&rules](std::initializer_list<std::string_view> keywords,
                               const char* advice) {
    for (const std::string_view keyword : keywords) rules.refused.push_back({keyword, advice});
  };
  refuse({"input", "files_from", "null_separated", "include", "exclude", "partitioned_by"},
         kElsewhere);
  refuse({"rate", "rates", "unrated", "rounding", "scale"}, kNotYet);
  refuse({"partial", "state", "rejects", "duplicates", "csv_safe"}, kNotKept);
  refuse({"dedupe_by", "dedupe_keep", "dedupe_missing", "dedupe_window"}, kNoKeys);
  refuse({"naive", "parallel", "slice_bytes"}, "has no meaning here");
  return rules;
}

AggregateJob job_of(const nb::dict& keywords) {
  AggregateFlags flags;
  CommandOptions options;
  add_aggregate_options(options, flags);
  set_keywords(options, maker_rules(), keywords);
  flags.inputs = {"."};  // an input of its own is never read
  Mistakes mistakes;
  AggregateJob job = make_aggregate_job(flags, Settings(), mistakes);
  mistakes.report();
  return job;
}

class Maker {
 public:
  explicit Maker(const nb::dict& keywords) : job_(job_of(keywords)) {
    limits_.threads = job_.threads;
    limits_.memory_limit_bytes = job_.memory_limit_bytes;
    limits_.temp_folder = job_.temp_folder;
    limits_.cancelled = [this] { return interrupts_ != nullptr && interrupts_->poll(); };
  }

  void add_file(const std::string& path, std::uint64_t begin, std::optional<std::uint64_t> end) {
    refuse_stream(path, "path");
    work([&] {
      std::vector<Input> inputs = open_inputs({path});
      Input& input = inputs.front();
      if (job_.max_input_bytes) input.set_max_text_bytes(*job_.max_input_bytes);
      if (input.counted_bytes() == 0) return;
      const InputFormats formats = choose_input_formats(job_, inputs, [this] { check(); });
      const LineRange lines = lines_of(input, begin, end);
      prepare(formats, lines.is_whole);
      if (!lines.is_whole && lines.begin_bytes == lines.end_bytes) return;
      if (lines.begin_bytes > 0) lseek(input.fd(), static_cast<off_t>(lines.begin_bytes), SEEK_SET);
      const auto cutters = [&](std::size_t) {
        return make_cutter(formats.format(0), lines.begin_bytes == 0,
                           job_.mediation.max_record_bytes);
      };
      FileSource source(inputs, job_.chunk_bytes, job_.mediation.max_record_bytes, cutters,
                        [this] { check(); });
      read(source, formats.options(0), lines);
      input.verify_unchanged();
    });
  }

  void add_lines(std::string_view bytes, const std::string& name) {
    work([&] {
      FormatSettings settings = job_.format;
      const InputSample sample{name, std::string(bytes.substr(0, kSampleBytes)),
                               bytes.size() <= kSampleBytes};
      const ChosenFormats chosen =
          choose_formats(settings, 1, [&sample](std::size_t) { return sample; });
      const InputFormats formats(job_.mediation, chosen.formats, {});
      prepare(formats, /*is_whole=*/true);
      const auto cutters = [&] {
        return make_cutter(formats.format(0), true, job_.mediation.max_record_bytes);
      };
      const auto source = records_in_memory({{name, bytes}}, job_.chunk_bytes, cutters);
      read(*source, formats.options(0), {0, 0, true, true});
    });
  }

  void add_events(nb::handle table, const std::string& name,
                  const std::optional<std::string>& time_unit) {
    const EventTable events = open_table(table, name, job_.format, time_unit);
    MediationOptions mediation = job_.mediation;
    mediation.decoder = events.decoder;
    work([&] {
      if (!maker_) begin(events.quantity);
      if (events.quantity != quantity_)
        throw Error(ErrorKind::configuration,
                    "\1unit: the quantities of this table are not those of what was added before");
      read(*events.source, mediation, {0, 0, true, true});
    });
  }

  std::string finish() {
    std::string partial;
    work([&] {
      const auto verdict = RejectLedger::judge(job_.reject_limit, totals_, /*has_file=*/false);
      if (verdict != RejectLedger::Verdict::good) {
        throw Error(ErrorKind::rejects,
                    describe_rejects(totals_) +
                        "; no partial was made; \1max-rejects N or P% allows that many");
      }
      if (!maker_) begin(QuantityRules());
      maker_->finish([&partial](std::string_view more) { partial += more; });
    });
    is_spent_ = true;
    return partial;
  }

  const InputTotals& totals() const { return totals_; }
  const QuantityRules& quantity() const { return quantity_; }
  std::size_t memory_bytes() const { return maker_ && !is_spent_ ? maker_->memory_bytes() : 0; }
  const std::shared_ptr<RejectTable>& rejects() const { return rejects_; }

 private:
  /// Runs a step of the work without the GIL, one at a time.
  template <class Step>
  void work(const Step& step) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock())
      throw Error(ErrorKind::run, "this PartialMaker is at work in another thread");
    if (is_spent_)
      throw Error(ErrorKind::run,
                  "this PartialMaker is finished, or has failed; begin another one");
    Interrupts interrupts;
    interrupts_ = &interrupts;
    const std::unique_ptr<Interrupts*, void (*)(Interrupts**)> at_end(
        &interrupts_, [](Interrupts** last) { *last = nullptr; });
    is_spent_ = true;  // unless the step comes to its end
    try {
      const nb::gil_scoped_release release;
      step();
    } catch (const Error& error) {
      interrupts.rethrow();
      if (error.kind() != ErrorKind::rejects) throw;
      set_error(error, nb::cast(Rejects{rejects_}));
      throw nb::python_error();
    }
    is_spent_ = false;
  }

  void check() const {
    if (limits_.cancelled()) throw Error(ErrorKind::interrupted, "interrupted");
  }

  void begin(const QuantityRules& quantity) {
    UsageOptions usage = job_.usage;
    usage.quantity = quantity_ = quantity;
    usage.where = job_.format.where;
    maker_.emplace(usage, limits_);
    job_.format.kept_quantity = quantity;
  }

  void prepare(const InputFormats& formats, bool is_whole) {
    if (formats.has_wrappers()) {
      throw Error(
          ErrorKind::configuration,
          "\1unwrap: a PartialMaker takes lines as they stand; make a partial of such a log "
          "by aggregate(partial=...)");
    }
    if (!is_whole && !formats.format(0).may_be_cut_at_lines()) {
      throw Error(ErrorKind::configuration,
                  "records of " + formats.records(0).name +
                      " may span lines or depend on those before, so that there are no pieces of "
                      "such a file; leave out begin and end");
    }
    if (!maker_) begin(formats.quantity());
  }

  void read(RecordSource& source, const MediationOptions& mediation, const LineRange& lines) {
    using Piece = std::optional<InputPiece>;
    maker_->begin_input(source.input_name(0),
                        lines.is_whole ? Piece() : Piece({lines.begin_bytes, lines.is_last}));
    Chunk chunk;
    std::uint64_t at = lines.begin_bytes;
    std::uint64_t line = lines.begin_bytes == 0 ? 1 : 0;  // 0: not known
    while ((lines.is_whole || at < lines.end_bytes) && source.next(chunk)) {
      check();
      if (!lines.is_whole && at + chunk.bytes.size() > lines.end_bytes && !chunk.cut)
        chunk.bytes = chunk.bytes.substr(0, lines.end_bytes - at);
      add(chunk, mediation, source.input_name(0), at, line);
      at += chunk.covered_bytes();
    }
    totals_ += maker_->totals();
  }

  /// `line` is that of the chunk's first byte, and moves on behind the chunk.
  void add(const Chunk& chunk, const MediationOptions& mediation, const std::string& name,
           std::uint64_t at, std::uint64_t& line) {
    if (chunk.cut) {
      maker_->count_reject(RejectReason::too_long);
      maker_->count_bytes(chunk.cut->bytes);
      rejects_->add(name, make_rejected_record(line, at, 1, RejectReason::too_long, chunk.bytes,
                                               chunk.cut->record_bytes));
      if (line > 0) line += chunk.cut->lines;
      return;
    }
    std::vector<Reject> found;
    maker_->add_records({chunk.bytes, chunk.readable_bytes, at == 0, chunk.start.get()}, mediation,
                        [&found](const Reject& reject) { found.push_back(reject); });
    std::sort(found.begin(), found.end(),
              [](const Reject& a, const Reject& b) { return a.offset_bytes < b.offset_bytes; });
    std::size_t counted = 0;
    const auto count_to = [&](std::size_t end) {
      if (line > 0) {
        line += static_cast<std::uint64_t>(
            std::count(chunk.bytes.begin() + static_cast<std::ptrdiff_t>(counted),
                       chunk.bytes.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
      }
      counted = end;
    };
    for (const Reject& reject : found) {
      count_to(reject.offset_bytes);
      const std::string_view rest = chunk.bytes.substr(reject.offset_bytes);
      const bool is_line = reject.length_bytes == 0;
      std::string_view record = rest.substr(0, is_line ? rest.find('\n') : reject.length_bytes);
      if (record.ends_with('\r')) record.remove_suffix(1);
      rejects_->add(name, make_rejected_record(line, at + reject.offset_bytes, reject.column,
                                               reject.reason, record, record.size()));
    }
    count_to(chunk.bytes.size());
  }

  AggregateJob job_;
  WorkLimits limits_;
  QuantityRules quantity_;
  std::optional<PartialMaker> maker_;
  InputTotals totals_;
  std::shared_ptr<RejectTable> rejects_ = std::make_shared<RejectTable>();
  bool is_spent_ = false;
  Interrupts* interrupts_ = nullptr;  // of the call under way
  std::mutex mutex_;
};

nb::dict totals_of(const Maker& maker) {
  const InputTotals& totals = maker.totals();
  nb::dict dict;
  dict["bytes"] = totals.bytes;
  dict["records"] = totals.records;
  dict["accepted"] = totals.accepted;
  dict["calls"] = totals.events;
  dict["rejected"] = totals.rejected_total();
  dict["filtered"] = totals.filtered;
  dict["blank"] = totals.blank;
  dict["directives"] = totals.directives;
  std::string quantity;
  append_shortest_amount(quantity, totals.accepted_quantity, maker.quantity().digits);
  dict["quantity"] = nb::module_::import_("decimal").attr("Decimal")(quantity);
  dict["unit"] = maker.quantity().unit;
  return dict;
}

}  // namespace

void bind_partial_maker(nb::module_& module) {
  nb::class_<Maker>(module, "PartialMaker", kDoc)
      .def("__init__",
           [](Maker* self, nb::kwargs keywords) { new (self) Maker(nb::dict(keywords)); })
      .def(
          "add_file",
          [](Maker& maker, nb::handle path, std::uint64_t begin, std::optional<std::uint64_t> end) {
            maker.add_file(text_of(path, "path"), begin, end);
          },
          "path"_a, "begin"_a = 0, "end"_a = nb::none())
      .def(
          "add_lines",
          [](Maker& maker, nb::bytes lines, nb::handle name) {
            maker.add_lines({lines.c_str(), lines.size()}, text_of(name, "name"));
          },
          "lines"_a, "name"_a)
      .def(
          "add_events",
          [](Maker& maker, nb::handle table, nb::handle name, nb::handle time_unit) {
            std::optional<std::string> unit;
            if (!time_unit.is_none()) unit = text_of(time_unit, "time_unit");
            if (!is_table(table)) throw nb::type_error("table: has no __arrow_c_stream__");
            maker.add_events(table, text_of(name, "name"), unit);
          },
          "table"_a, "name"_a = "table", nb::kw_only(), "time_unit"_a = nb::none())
      .def_prop_ro("totals", totals_of)
      .def_prop_ro("memory_bytes", &Maker::memory_bytes)
      .def_prop_ro("rejects", [](const Maker& maker) { return Rejects{maker.rejects()}; })
      .def("finish", [](Maker& maker) {
        const std::string partial = maker.finish();
        return nb::bytes(partial.data(), partial.size());
      });
}

}  // namespace billing::python
