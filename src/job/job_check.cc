#include "job/job_check.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string>

#include "billing/error.h"
#include "job/bill.h"
#include "job/input_formats.h"
#include "job/job_result.h"
#include "partials/partial_header.h"
#include "partials/partial_input.h"

namespace billing {
namespace {

/// Throws std::invalid_argument where `holds` is false: for mistakes of a host, which no user of
/// the program can make.
void demand(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(what);
}

/// What is said must have an effect.
void check_settings(const AggregateJob& job) {
  check_result(job, /*lists_records=*/job.rejects || job.duplicates);
  check_max_record_bytes(job.mediation);
  demand(!job.state || job.unrated != UnratedPolicy::reject,
         "a job with a state rejects no records for want of a rate: a later one may have it");
  demand(job.maps_inputs || !job.state, "a job with a state maps its inputs");
  demand(job.engine != EngineKind::naive || (!job.partial && !job.state),
         "the baseline makes no partials and takes no state");
  if (!has_own_format(job)) {
    demand(job.mediation.format == nullptr,
           "a job with paths takes the formats of its inputs from `format`, not from `mediation`");
    demand(job.usage.where.empty() && job.usage.quantity == QuantityRules() &&
               job.usage.dedupe == DedupeSettings(),
           "a job with paths takes quantities, filters and keys from `format`, not from `usage`");
    return;
  }
  demand(job.usage.dedupe == DedupeSettings(),
         "records of a source or a decoder of the host have no keys");
  demand(job.format == FormatSettings(),
         "`format` is for paths without a decoder: a source, or a decoder, has its format in "
         "`mediation`, its quantities and filters in `usage`");
  demand(job.engine != EngineKind::naive, "the baseline takes neither sources nor decoders");
}

void check_source(const AggregateJob& job) {
  if (!job.source) return;
  demand(job.inputs.empty() && !job.state, "a job with a source of records has no paths, no state");
  for (std::size_t i = 0; i < job.source->input_count(); ++i)
    check_input_name(job.source->input_name(i));
  if (job.mediation.decoder) return;
  const InputFormat& format = decoding_format(job.mediation);
  check_format(format, job.usage);
  demand(!job.source->cuts_at_lines() || format.may_be_cut_at_lines(),
         "a source that cuts records at line ends has a format whose records are not lines; cut "
         "them by its make_cutter()");
}

void check_dedupe(const AggregateJob& job) {
  const bool is_asked = !job.format.dedupe.by.empty();
  if (!is_asked && job.duplicates)
    throw Error(ErrorKind::configuration, "\1duplicates: has no effect without \1dedupe-by");
  if (job.dedupe_window_ns && !(is_asked && job.state)) {
    throw Error(ErrorKind::configuration,
                "\1dedupe-window: has no effect without \1state and \1dedupe-by");
  }
  if (!is_asked) return;
  if (job.source || job.mediation.decoder)
    throw std::invalid_argument("records of a source or a decoder of the host have no keys");
  if (job.state && job.duplicates) {
    throw Error(ErrorKind::configuration,
                "\1duplicates and \1state exclude each other: a state keeps no text of records, of "
                "which any may become a duplicate later");
  }
}

/// A run of N calls would end between two events of one record.
void check_cycle_of_measures(const AggregateJob& job, const CyclePolicy& cycles) {
  if (job.format.measures.empty() || cycles.calls_per_cycle() == 0) return;
  throw Error(ErrorKind::configuration,
              fmt::format("\1cycle {}: with \1measure a record makes several events, which would "
                          "fall into two such cycles; use all, or one of time such as month",
                          job.usage.cycles.policy));
}

}  // namespace

void check_job(const AggregateJob& job, const CyclePolicy& cycles) {
  check_settings(job);
  check(job.usage);
  check_source(job);
  check_dedupe(job);
  check_cycle_of_measures(job, cycles);
}

}  // namespace billing
