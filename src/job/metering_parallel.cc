#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <bit>

#include "billing/error.h"
#include "billing/meter.h"
#include "io/chunk_source.h"
#include "job/chunk_worker.h"
#include "job/metering.h"

namespace billing {
namespace {

/// Few enough parts to cost nothing on small inputs, enough that one fits into the L2 cache on
/// large ones.
unsigned partition_bits_for(const std::vector<Input>& inputs) {
  constexpr std::uint64_t kTypicalRecordBytes = 50;
  constexpr std::uint64_t kPartitionRecords = 32 * 1024;
  constexpr unsigned kUnknown = 8;
  const std::optional<std::uint64_t> bytes = total_size_bytes(inputs);
  if (!bytes) return kUnknown;
  const std::uint64_t partitions = *bytes / (kTypicalRecordBytes * kPartitionRecords) + 1;
  return std::clamp(static_cast<unsigned>(std::bit_width(partitions)), 2U, 10U);
}

}  // namespace

Metered meter_parallel(std::vector<Input>& inputs, const MeteringContext& context) {
  for (Input& input : inputs) input.map();
  const MeterOptions options{context.job.group_by, context.job.cycles.get(),
                             partition_bits_for(inputs), context.job.wide_records};
  std::atomic<bool> failed = false;  // a thread that waits for input must not outlive the job
  ChunkSource source(inputs, context.job.chunk_bytes, [&] {
    context.checkpoint();
    if (failed) throw Error(ErrorKind::run, "another thread has failed");
  });
  context.timer.passed("map inputs");

  std::vector<std::unique_ptr<ChunkWorker>> workers(context.job.threads);
  std::atomic<std::uint64_t> read_bytes = 0;
  const std::uint64_t all_bytes = total_size_bytes(inputs).value_or(0);
  tbb::parallel_for(
      std::size_t{0}, workers.size(),
      [&](std::size_t i) {
        workers[i] =
            std::make_unique<ChunkWorker>(context.job, options, inputs.size(), context.rejects);
        try {
          for (Chunk chunk; source.next(chunk);) {
            workers[i]->add(chunk);
            context.hooks.progress({read_bytes += chunk.bytes.size(), all_bytes});
          }
        } catch (...) {
          if (failed.exchange(true)) return;  // the first failure is the one to report
          throw;
        }
      },
      tbb::simple_partitioner());
  context.timer.passed("meter");

  Metered metered;
  metered.totals.resize(inputs.size());
  Usage usage = workers.front()->finish();
  for (std::size_t w = 0; w < workers.size(); ++w) {
    if (w > 0) usage = merge(std::move(usage), workers[w]->finish());
    for (std::size_t i = 0; i < inputs.size(); ++i) metered.totals[i] += workers[w]->totals()[i];
  }
  metered.sums = make_sums(close(std::move(usage), context.checkpoint), numbering_of(options),
                           context.checkpoint);
  context.timer.passed("close");
  return metered;
}

}  // namespace billing
