#pragma once

// Outputs never eat anything: what a run reads, what it keeps, and files of another kind.

#include <functional>
#include <string>
#include <vector>

#include "billing/bill.h"
#include "io/file_identity.h"

namespace billing {

enum class OutputContent { bill, rejects, partial, log, state };

/// An output as it was asked for.
struct OutputTarget {
  const char* option;  ///< for messages
  std::string path;    ///< `-` is standard output
  OutputContent content;
};

/// A file that no output may replace: the run reads it, or keeps it.
struct UsedFile {
  std::string what;  ///< for messages: `an input`
  std::function<bool(const std::string& output)> is_target_of;
};

UsedFile used_file(const std::string& path, const std::string& what);
UsedFile used_file(const std::optional<FileIdentity>& identity, const std::string& what);

/// Where the job's result goes: the bill, or the partial. Nothing where the host takes it.
std::vector<OutputTarget> results_of(const BillJob& job);

/// What every job that ends in a bill must leave alone: its settings.
std::vector<UsedFile> used_files_of(const BillJob& job);

/// To be called before any output is opened. Throws Error(configuration) with all that is wrong, a
/// line each: outputs that are a used file, two that are the same, and files that stand in the way
/// and hold something else. A rejects file or a partial replaces only its like or an empty file; a
/// bill replaces whatever is neither a log nor a partial; a generated log replaces anything.
void check_outputs(const std::vector<OutputTarget>& outputs,
                   const std::vector<UsedFile>& used_files);

}  // namespace billing
