#include "maker.h"

#include <utility>

#include "bill.h"
#include "billing/record_source.h"
#include "errors.h"
#include "event_table.h"
#include "file_piece.h"
#include "job/input_formats.h"
#include "job/reject_ledger.h"
#include "keywords.h"
#include "render/reject_text.h"

namespace nb = nanobind;

namespace billing::python {
namespace {

void refuse_wrappers(const InputFormats& formats) {
  if (!formats.has_wrappers()) return;
  throw Error(ErrorKind::configuration,
              "\1unwrap: a PartialMaker takes lines as they stand; make a partial of such a log "
              "by aggregate(partial=...)");
}

}  // namespace

Maker::Maker(AggregateJob job, std::uint64_t kept_rejects)
    : job_(std::move(job)), rejects_(std::make_shared<RejectTable>(kept_rejects)) {
  limits_.threads = job_.threads;
  limits_.memory_limit_bytes = job_.memory_limit_bytes;
  limits_.temp_folder = job_.temp_folder;
  limits_.cancelled = [this] { return steps_.is_interrupted(); };
}

void Maker::add_file(const std::string& path, std::uint64_t begin,
                     std::optional<std::uint64_t> end) {
  refuse_stream(path, "path");
  work([&] {
    FilePiece file(job_, path, begin, end, [this] { steps_.check(); });
    if (file.is_empty()) return;
    const InputFormats formats =
        choose_input_formats(job_, file.inputs(), [this] { steps_.check(); });
    refuse_wrappers(formats);
    file.open(formats.format(0));
    if (!maker_) start(formats.quantity());
    read(file.name(), file.piece(), formats.options(0),
         [&file](Chunk& chunk) { return file.next(chunk); });
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
    refuse_wrappers(formats);
    if (!is_whole) refuse_pieces(formats.format(0));
    if (!maker_) start(formats.quantity());
    const bool is_beginning = !place.piece || place.piece->begin_bytes == 0;
    const auto cutters = [&] {
      return make_cutter(formats.format(0), is_beginning, job_.mediation.max_record_bytes);
    };
    const auto source = records_in_memory({{place.name, bytes}}, job_.chunk_bytes, cutters);
    read(place.name, is_whole ? std::nullopt : place.piece, formats.options(0),
         [&source](Chunk& chunk) { return source->next(chunk); });
  });
}

void Maker::add_events(nb::handle table, const std::string& name,
                       const std::optional<std::string>& time_unit) {
  const EventTable events = open_table(table, name, job_.format, time_unit);
  MediationOptions mediation = job_.mediation;
  mediation.decoder = events.decoder;
  work([&] {
    if (!maker_) start(events.quantity);
    if (events.quantity != quantity_) {
      throw Error(ErrorKind::configuration,
                  "\1unit: the quantities of this table are not those of what was added before");
    }
    read(name, std::nullopt, mediation,
         [&events](Chunk& chunk) { return events.source->next(chunk); });
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
    if (!maker_) start_without_records();
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

/// Does a step of the work without the GIL.
void Maker::work(const std::function<void()>& step) {
  try {
    steps_.run([&] {
      if (is_spent_) {
        throw Error(ErrorKind::run,
                    "this PartialMaker is finished, or has failed; begin another one");
      }
      is_spent_ = true;  // unless the step comes to its end
      step();
      is_spent_ = false;
    });
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::rejects) throw;
    set_error(error, nb::cast(Rejects{rejects_}));
    throw nb::python_error();
  }
}

void Maker::start(const QuantityRules& quantity) {
  UsageOptions usage = job_.usage;
  usage.quantity = quantity_ = quantity;
  usage.where = job_.format.where;
  maker_.emplace(usage, limits_);
  if (job_.unrated == UnratedPolicy::reject) maker_->reject_unrated(job_.prices);
  job_.format.kept_quantity = quantity;
}

/// Of usage of nothing all that matters is that it is merged with that of others.
void Maker::start_without_records() {
  QuantityRules quantity = job_.format.kept_quantity.value_or(QuantityRules());
  quantity.negative = job_.format.negative;
  start(quantity);
}

void Maker::read(const std::string& name, const std::optional<InputPiece>& piece,
                 const MediationOptions& mediation, const std::function<bool(Chunk&)>& next) {
  maker_->begin_input(name, piece);
  lines_before_ = lines_;
  std::uint64_t at = piece ? piece->begin_bytes : 0;
  for (Chunk chunk; next(chunk); at += chunk.covered_bytes()) {
    steps_.check();
    add(chunk, mediation, name, at);
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
