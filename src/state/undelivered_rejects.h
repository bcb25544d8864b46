#pragma once

// Rejects that no rejects file holds yet. The state is committed before the run's outputs. If the
// run dies in between, the next run does not read those records again, so their rejects are kept in
// the state's folder until a run has listed them.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/output_file.h"
#include "state/state_folder.h"
#include "values/reject_taker.h"

namespace billing {

/// The first bytes of their files.
inline constexpr std::string_view kUndeliveredRejectsMagic = "billing undelivered rejects 1\n";

/// For one run. One thread at a time.
class UndeliveredRejects final : public RejectTaker {
 public:
  /// `folder` must outlive this object. `runs`: how many have changed the state. Removes rejects of
  /// runs that have not; this run will read the same records.
  UndeliveredRejects(const StateFolder& folder, std::uint64_t runs,
                     std::function<void()> checkpoint);

  /// How many rejects earlier runs left. Throws Error(run) that names the file where one is
  /// damaged.
  std::uint64_t count_earlier() const;
  /// Hands those rejects on, in the order in which they were read.
  void deliver_earlier(RejectTaker& taker) const;

  /// Takes the rejects of this run.
  void take(const std::string& input_name, const RejectedRecord& reject) override;
  void finish() override;

  /// Brings the rejects of this run to the disk, before the state counts them.
  void keep();

  /// Call once the result is in place. Removes this run's rejects and, if `delivered`, all earlier
  /// ones. False where the system refuses: they will then be listed again.
  bool forget(bool delivered);

 private:
  void write_block();

  const StateFolder& folder_;
  std::function<void()> checkpoint_;
  std::vector<std::uint64_t> earlier_runs_;
  std::string own_path_;
  std::unique_ptr<OutputFile> file_;  // of this run; none before its first reject
  std::string entries_;               // of the block under way
  std::uint64_t entry_count_ = 0;
};

}  // namespace billing
