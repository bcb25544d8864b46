#include "cli/generated_files.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>

#include "base/civil_time.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "billing/int128.h"
#include "generate/gzip_member.h"
#include "io/output_file.h"

namespace billing::cli {
namespace {

namespace fs = std::filesystem;

std::string ending_of(LogForm form) {
  if (form == LogForm::json) return ".jsonl";
  return form == LogForm::csv ? ".csv" : ".log";
}

class FileWriter {
 public:
  FileWriter(const LogGeneratorOptions& options, const GeneratedFiles& wanted,
             const std::function<void()>& checkpoint)
      : options_(options), wanted_(wanted), checkpoint_(checkpoint) {}

  void write(const std::string& path, const RecordRange& range) const {
    const auto output = OutputFile::open(path, std::nullopt, checkpoint_);
    const auto append = [&output](std::string_view bytes) { output->append(bytes); };
    std::optional<GzipMember> member;
    if (wanted_.is_gzip) member.emplace(append);
    const auto sink = [&](std::string_view bytes) {
      checkpoint_();
      if (member) {
        member->append(bytes);
      } else {
        append(bytes);
      }
    };
    sink(header_of(options_.form));
    generate_log(options_, range, std::max(1U, std::thread::hardware_concurrency()), sink);
    if (member) member->finish();
    output->commit();
  }

  /// The records of a range in as many files as wanted, `001.log` and so on.
  void write_parts(const fs::path& folder, const RecordRange& range) const {
    make(folder);
    const std::uint64_t count = range.last - range.first;
    const auto border = [&](std::uint64_t part) {
      return range.first + static_cast<std::uint64_t>(Uint128{count} * part / wanted_.files);
    };
    const int width = static_cast<int>(std::to_string(wanted_.files).size());
    for (std::uint64_t part = 0; part < wanted_.files; ++part) {
      std::string name;
      append_padded(static_cast<std::int64_t>(part + 1), width, name);
      name += ending_of(options_.form) + (wanted_.is_gzip ? ".gz" : "");
      write((folder / name).string(), {border(part), border(part + 1)});
    }
  }

  /// `2025/05/02` for each day that has records.
  void write_days(const fs::path& folder) const {
    const std::int64_t last_day = (options_.end_s - 1) / kSecondsPerDay;
    for (std::int64_t day = options_.start_s / kSecondsPerDay; day <= last_day; ++day) {
      const RecordRange range = records_of_day(options_, day);
      if (range.first == range.last) continue;
      std::string date;
      append_date(civil_from_days(day), date);
      std::replace(date.begin(), date.end(), '-', '/');
      write_parts(folder / date, range);
    }
  }

  static void make(const fs::path& folder) {
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (!problem) return;
    throw Error(ErrorKind::run, "\1output: " + quoted_text(folder.string()) +
                                    " cannot be made: " + problem.message());
  }

 private:
  const LogGeneratorOptions& options_;
  const GeneratedFiles& wanted_;
  const std::function<void()>& checkpoint_;
};

/// What lies there already would be taken for a part of the log.
void require_empty(const std::string& folder) {
  std::error_code problem;
  if (!fs::exists(folder, problem)) return;
  if (fs::is_directory(folder, problem) && fs::is_empty(folder, problem)) return;
  throw Error(ErrorKind::configuration,
              "\1output: " + quoted_text(folder) + " is not an empty folder; choose another");
}

}  // namespace

void write_generated(const LogGeneratorOptions& options, const GeneratedFiles& wanted,
                     const std::function<void()>& checkpoint) {
  const FileWriter writer(options, wanted, checkpoint);
  if (!wanted.is_folder()) return writer.write(wanted.output, {0, options.records});
  require_empty(wanted.output);
  if (wanted.is_by_date) {
    FileWriter::make(wanted.output);
    writer.write_days(wanted.output);
  } else {
    writer.write_parts(wanted.output, {0, options.records});
  }
}

}  // namespace billing::cli
