#include "billing/input_paths.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string_view>
#include <utility>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "io/file_identity.h"
#include "io/folder_walk.h"
#include "io/path_dates.h"
#include "io/path_glob.h"
#include "io/path_list.h"

namespace billing {
namespace {

constexpr const char* kStdinPath = "-";

/// ` (and 1,234 more)` behind the first of them.
std::string and_more(std::uint64_t count) {
  return count > 1 ? " (and " + grouped(count - 1) + " more)" : "";
}

class InputFinder {
 public:
  InputFinder(const InputSearch& search, const JobHooks& hooks)
      : search_(search), hooks_(hooks), filter_(search.include, search.exclude) {}

  FoundInputs find() {
    read_names();
    check_globs();
    for (Named& named : named_) {
      if (named.is_folder) {
        add_folder(named.path);
      } else {
        add_file(std::move(named.path));
      }
    }
    report_.files = found_.paths.size();
    check_found();
    warn();
    const bool is_all_named = report_.folders == 0 && !search_.files_from;
    if (!is_all_named || search_.partitioned_by_date) found_.report = report_;
    return std::move(found_);
  }

 private:
  struct Named {
    std::string path;
    bool is_folder = false;
  };

  void read_names() {
    checkpoint();
    for (const std::string& path : search_.named) look_at(path);
    if (!search_.files_from) return;
    for (std::string& path :
         read_path_list(*search_.files_from, search_.null_separated, [this] { checkpoint(); })) {
      if (path == kStdinPath) path.insert(0, "./");  // a list names files
      look_at(std::move(path));
    }
  }

  void look_at(std::string path) {
    struct stat status {};
    const bool exists =
        path == kStdinPath ? fstat(STDIN_FILENO, &status) == 0 : stat(path.c_str(), &status) == 0;
    const bool is_folder = exists && S_ISDIR(status.st_mode) && path != kStdinPath;
    if (exists && S_ISREG(status.st_mode) && !is_outside_dates(path))
      files_.insert({status.st_dev, status.st_ino});
    has_missing_ = has_missing_ || !exists;
    report_.folders += is_folder ? 1 : 0;
    named_.push_back({std::move(path), is_folder});
  }

  /// A name that leads nowhere may have been meant as a folder: what is wrong with it is told
  /// first.
  void check_globs() const {
    const bool has_globs = !search_.include.empty() || !search_.exclude.empty();
    if (!has_globs || report_.folders > 0 || has_missing_) return;
    throw Error(ErrorKind::configuration,
                std::string(search_.include.empty() ? "\1exclude" : "\1include") +
                    ": no input is a folder, and globs are for what is in folders; leave it out");
  }

  void add_folder(const std::string& folder) {
    FolderContent content = list_folder(
        folder, filter_, [this](std::uint64_t files) { checkpoint(found_.paths.size() + files); });
    const std::uint64_t found = content.files.size();
    for (FileInFolder& file : content.files) {
      if (is_outside_dates(file.path)) {
        ++report_.outside_dates;
        continue;
      }
      if (file.identity && !files_.insert(*file.identity).second) {
        ++report_.repeated;
        note(file.path, "is read under another name");
        continue;
      }
      add(std::move(file.path));
    }
    report_.excluded += content.excluded;
    report_.linked_folders += content.linked_folders.size();
    for (const std::string& link : content.linked_folders)
      note(link, "is a link to a folder, and not followed; name the folder to read it");
    if (!content.special_files.empty() && report_.special_files == 0)
      first_special_ = std::move(content.special_files.front());
    report_.special_files += content.special_files.size();
    if (found == 0) empty_folders_.push_back(folder);
  }

  void add_file(std::string path) {
    if (path == kStdinPath) return found_.paths.push_back(std::move(path));
    if (!is_outside_dates(path)) return add(std::move(path));
    ++report_.outside_dates;
  }

  /// Of several dates in a path any that is near has the file read: what is read needlessly costs
  /// time, what is not read would be missing.
  bool is_outside_dates(const std::string& path) const {
    if (!search_.partitioned_by_date) return false;
    const std::vector<std::int64_t> dates = dates_in(path);
    return !dates.empty() && std::none_of(dates.begin(), dates.end(), [this](std::int64_t day) {
      return is_within_a_day(day, search_.since_ns, search_.until_ns);
    });
  }

  void add(std::string path) {
    if (search_.partitioned_by_date && dates_in(path).empty()) {
      if (report_.undated == 0) first_undated_ = path;
      ++report_.undated;
    }
    found_.paths.push_back(std::move(path));
  }

  void check_found() const {
    if (!found_.paths.empty() || (search_.named.empty() && !search_.files_from)) return;
    if (report_.outside_dates > 0) {
      throw Error(ErrorKind::run,
                  "no file is within a day of \1since and \1until by the date in its path (" +
                      counted(report_.outside_dates, "file") +
                      " left out); check the times, or leave out \1partitioned-by");
    }
    if (empty_folders_.empty())
      throw Error(ErrorKind::run, "\1files-from: the list is empty; nothing would be billed");
    const std::string where = quoted_text(empty_folders_.front()) + and_more(empty_folders_.size());
    if (report_.excluded > 0) {
      throw Error(ErrorKind::run, "no file is left in " + where + ": " + grouped(report_.excluded) +
                                      " left out by \1include and \1exclude; check the globs");
    }
    throw Error(ErrorKind::run,
                "no file in " + where +
                    "; check the path (hidden files are not read, and links to folders not "
                    "followed)");
  }

  void warn() const {
    if (!empty_folders_.empty()) {
      hooks_.warn(quoted_text(empty_folders_.front()) + and_more(empty_folders_.size()) +
                  ": a folder without a file to be read");
    }
    if (report_.special_files > 0) {
      hooks_.warn(quoted_text(first_special_) + and_more(report_.special_files) +
                  ": sockets, pipes and devices in a folder are not read; name what is to be read");
    }
    if (report_.undated > 0) {
      hooks_.warn(quoted_text(first_undated_) + and_more(report_.undated) +
                  ": no date in the path (YYYY/MM/DD/, YYYY-MM-DD/ or date=YYYY-MM-DD/), so it is "
                  "read whatever \1since and \1until say");
    }
  }

  void note(const std::string& path, std::string_view what) {
    if (found_.notes.size() < kMaxReported)
      found_.notes.push_back(quoted_text(path) + " " + std::string(what));
  }

  void checkpoint(std::uint64_t files = 0) const {
    if (hooks_.cancelled())
      throw Error(ErrorKind::interrupted, "interrupted; no result was written");
    hooks_.progress({"listing", files, 0});
  }

  const InputSearch& search_;
  const JobHooks& hooks_;
  const PathFilter filter_;
  std::vector<Named> named_;
  std::set<FileIdentity> files_;  ///< named, or found in a folder
  bool has_missing_ = false;
  FoundInputs found_;
  InputSearchReport report_;
  std::vector<std::string> empty_folders_;
  std::string first_special_;
  std::string first_undated_;
};

}  // namespace

void FoundInputs::tell(JobReport& report_of_job) const {
  if (!report) return;
  report_of_job.search = report;
  report_of_job.passes.insert(report_of_job.passes.begin(), {"list", wall_s});
}

FoundInputs find_inputs(const InputSearch& search, const JobHooks& hooks) {
  const auto start = std::chrono::steady_clock::now();
  FoundInputs found = InputFinder(search, hooks).find();
  found.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return found;
}

}  // namespace billing
