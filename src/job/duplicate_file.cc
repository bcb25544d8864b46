#include "job/duplicate_file.h"

namespace billing {

std::unique_ptr<OutputFile> open_rejects(const std::optional<std::string>& path,
                                         const std::function<void()>& checkpoint) {
  if (!path) return nullptr;
  auto rejects = OutputFile::open(*path, std::nullopt, checkpoint);
  rejects->must_be_read_to_its_end();
  return rejects;
}

DuplicateFile::DuplicateFile(const AggregateJob& job, const std::vector<std::string>& names,
                             const std::function<void()>& checkpoint)
    : file_(open_rejects(job.duplicates, checkpoint)), names_(names) {
  if (file_) rows_.emplace(*file_, job.csv_safe);
}

TakeDuplicate DuplicateFile::taker() {
  if (!file_) return {};
  return [this](std::size_t input, const RejectedRecord& record) {
    rows_->take(names_[input], record);
  };
}

void DuplicateFile::commit() {
  if (!file_) return;
  rows_->finish();
  file_->commit();
}

}  // namespace billing
