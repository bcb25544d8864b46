#include "maker.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "bill.h"
#include "errors.h"
#include "event_table.h"
#include "io/file_source.h"
#include "job/reject_ledger.h"
#include "keywords.h"
#include "render/reject_text.h"

namespace nb = nanobind;

namespace billing::python {

Maker::Maker(AggregateJob job, std::uint64_t kept_rejects)
    : job_(std::move(job)), rejects_(std::make_shared<RejectTable>(kept_rejects)) {
  limits_.threads = job_.threads;
  limits_.memory_limit_bytes = job_.memory_limit_bytes;
  limits_.temp_folder = job_.temp_folder;
  limits_.cancelled = [this] { return interrupts_ != nullptr && interrupts_->poll(); };
}

void Maker::add_file(const std::string& path, std::uint64_t begin,
                     std::optional<std::uint64_t> end) {
  refuse_stream(path, "path");
  work([&] {
    std::vector<Input> inputs = open_inputs({path});
    Input& input = inputs.front();
    if (job_.max_input_bytes) input.set_max_text_bytes(*job_.max_input_bytes);
    if (input.counted_bytes() == 0) return;
    const InputFormats formats = choose_input_formats(job_, inputs, [this] { check(); });
    const LineRange lines = lines_of(input, begin, end);
    prepare(formats, lines.is_whole);
    if (!lines.is_whole && lines.begin_bytes == lines.end_bytes)
      return maker_->begin_input(input.name(), InputPiece{lines.begin_bytes, lines.is_last});
    if (lines.begin_bytes > 0) lseek(input.fd(), static_cast<off_t>(lines.begin_bytes), SEEK_SET);
    const auto cutters = [&](std::size_t) {
      return make_cutter(formats.format(0), lines.begin_bytes == 0,
                         job_.mediation.max_record_bytes);
    };
    FileSource source(inputs, job_.chunk_bytes, job_.mediation.max_record_bytes, cutters,
                      [this] { check(); });
    if (lines.is_whole) {
      read(source, formats.options(0), std::nullopt, std::nullopt);
    } else {
      read(source, formats.options(0), InputPiece{lines.begin_bytes, lines.is_last},
           lines.end_bytes);
    }
    input.verify_unchanged();
  });
}

void Maker::add_lines(std::string_view bytes, const LinesPlace& place) {
  work([&] {
    FormatSettings settings = job_.format;
    const InputSample own{place.name, std::string(bytes.substr(0, kSampleBytes)),
                          bytes.size() <= kSampleBytes};
    const ChosenFormats chosen = choose_formats(
        settings, 1, [&](std::size_t) { return place.sample ? *place.sample : own; });
    const InputFormats formats(job_.mediation, chosen.formats, {});
    const bool is_whole = !place.piece || *place.piece == InputPiece{0, true};
    prepare(formats, is_whole);
    const bool is_beginning = !place.piece || place.piece->begin_bytes == 0;
    const auto cutters = [&] {
      return make_cutter(formats.format(0), is_beginning, job_.mediation.max_record_bytes);
    };
    const auto source = records_in_memory({{place.name, bytes}}, job_.chunk_bytes, cutters);
    read(*source, formats.options(0), is_whole ? std::nullopt : place.piece, std::nullopt);
  });
}

void Maker::add_events(nb::handle table, const std::string& name,
                       const std::optional<std::string>& time_unit) {
  const EventTable events = open_table(table, name, job_.format, time_unit);
  MediationOptions mediation = job_.mediation;
  mediation.decoder = events.decoder;
  work([&] {
    if (!maker_) begin(events.quantity);
    if (events.quantity != quantity_)
      throw Error(ErrorKind::configuration,
                  "\1unit: the quantities of this table are not those of what was added before");
    read(*events.source, mediation, std::nullopt, std::nullopt);
  });
}

std::vector<std::string> Maker::finish(const std::vector<std::string>& begins, bool judged) {
  std::vector<std::string> partials(begins.size() + 1);
  work([&] {
    const auto verdict = RejectLedger::judge(job_.reject_limit, totals_, /*has_file=*/false);
    if (judged && verdict != RejectLedger::Verdict::good) {
      throw Error(ErrorKind::rejects,
                  describe_rejects(totals_) +
                      "; no partial was made; \1max-rejects N or P% allows that many");
    }
    if (!maker_) begin(QuantityRules());
    if (begins.empty()) {
      maker_->finish([&partials](std::string_view more) { partials.front() += more; });
    } else {
      maker_->finish(begins, [&partials](std::size_t range, std::string_view more) {
        partials[range] += more;
      });
    }
  });
  is_spent_ = true;
  return partials;
}

/// Runs a step of the work without the GIL, one at a time.
void Maker::work(const std::function<void()>& step) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock())
    throw Error(ErrorKind::run, "this PartialMaker is at work in another thread");
  if (is_spent_)
    throw Error(ErrorKind::run, "this PartialMaker is finished, or has failed; begin another one");
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

void Maker::check() const {
  if (limits_.cancelled()) throw Error(ErrorKind::interrupted, "interrupted");
}

void Maker::begin(const QuantityRules& quantity) {
  UsageOptions usage = job_.usage;
  usage.quantity = quantity_ = quantity;
  usage.where = job_.format.where;
  maker_.emplace(usage, limits_);
  if (job_.unrated == UnratedPolicy::reject) maker_->reject_unrated(job_.prices);
  job_.format.kept_quantity = quantity;
}

void Maker::prepare(const InputFormats& formats, bool is_whole) {
  if (formats.has_wrappers()) {
    throw Error(ErrorKind::configuration,
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

/// All of a source, or what stands before byte `end_bytes` of the input.
void Maker::read(RecordSource& source, const MediationOptions& mediation,
                 const std::optional<InputPiece>& piece, std::optional<std::uint64_t> end_bytes) {
  maker_->begin_input(source.input_name(0), piece);
  lines_before_ = lines_;
  Chunk chunk;
  std::uint64_t at = piece ? piece->begin_bytes : 0;
  while ((!end_bytes || at < *end_bytes) && source.next(chunk)) {
    check();
    if (end_bytes && at + chunk.bytes.size() > *end_bytes && !chunk.cut)
      chunk.bytes = chunk.bytes.substr(0, *end_bytes - at);
    add(chunk, mediation, source.input_name(0), at);
    at += chunk.covered_bytes();
  }
  totals_ += maker_->totals();
}

void Maker::add(const Chunk& chunk, const MediationOptions& mediation, const std::string& name,
                std::uint64_t at) {
  const auto line = [this] { return lines_ - lines_before_ + 1; };
  if (chunk.cut) {
    maker_->count_reject(RejectReason::too_long);
    maker_->count_bytes(chunk.cut->bytes);
    rejects_->add(name, make_rejected_record(line(), at, 1, RejectReason::too_long, chunk.bytes,
                                             chunk.cut->record_bytes));
    lines_ += chunk.cut->lines;
    return;
  }
  std::vector<Reject> found;
  maker_->add_records({chunk.bytes, chunk.readable_bytes, at == 0, chunk.start.get()}, mediation,
                      [&found](const Reject& reject) { found.push_back(reject); });
  const std::uint64_t behind =
      add_rejects(*rejects_, name, decoding_format(mediation), chunk.bytes, at, line(), found);
  lines_ = lines_before_ + behind - 1;
}

}  // namespace billing::python
