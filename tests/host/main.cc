// A host of the library: bills calls of its own that were never text, runs two jobs at once, merges
// partials of pieces, reads objects of a store of its own, and lets a shared object run a job.
// host FOLDER PLUGIN prints a bill and leaves its files in the folder.

#include <billing/aggregate.h>
#include <billing/cycle_policy.h>
#include <billing/error.h>
#include <billing/event_batch.h>
#include <billing/mediate.h>
#include <billing/merge.h>
#include <billing/meter.h>
#include <billing/partials.h>
#include <billing/price_book.h>
#include <billing/record_source.h>
#include <billing/statement.h>
#include <billing/sums.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

/// A call as the host has it.
struct Call {
  std::int64_t time_s;
  std::string_view user;
  std::string_view task;
  std::int64_t ms;
};

constexpr std::int64_t kMay = 1'746'057'600;  // 2025-05-01T00:00:00Z
constexpr std::int64_t kJune = kMay + std::int64_t{31} * 86'400;

std::vector<Call> some_calls(int count) {
  constexpr std::string_view kUsers[] = {"ada", "bob", "eve"};
  constexpr std::string_view kTasks[] = {"login", "createOrder"};
  std::vector<Call> calls;
  for (int i = 0; i < count; ++i) {
    calls.push_back({(i % 4 == 0 ? kJune : kMay) + i, kUsers[i % 3], kTasks[i % 2], i});
  }
  return calls;
}

billing::PriceBook price_list() {
  std::vector<std::string> mistakes;
  auto book = billing::PriceBook::build(
      {{{"login", "0.005", "the host"}, {"createOrder", ".01", "the host"}}}, mistakes);
  if (!mistakes.empty()) throw std::runtime_error(mistakes.front());
  return book;
}

/// Adds every `step`-th call, from the one with this index on.
void meter_calls(const std::vector<Call>& calls, std::size_t first, std::size_t step,
                 billing::Meter& meter) {
  const auto batch = std::make_unique<billing::EventBatch>();  // too large for a stack
  const auto hand_over = [&] {
    billing::validate(*batch);
    meter.add(*batch);
    batch->size = 0;
  };
  for (std::size_t i = first; i < calls.size(); i += step) {
    const std::size_t at = batch->size++;
    batch->time_ns[at] = calls[i].time_s * 1'000'000'000;
    batch->user[at] = calls[i].user;
    batch->task[at] = calls[i].task;
    batch->status[at] = 200;
    batch->quantity[at] = calls[i].ms;
    if (batch->full()) hand_over();
  }
  hand_over();
}

/// Calls to usage on two threads, to sums, to lines of a bill.
void bill_calls(const std::vector<Call>& calls) {
  const auto months = billing::make_cycle_policy({.policy = "month"});
  const billing::PriceBook prices = price_list();

  billing::MeterOptions options;
  options.cycles = months.get();
  billing::Meter even(options);
  billing::Meter odd(options);
  std::thread other([&] { meter_calls(calls, 1, 2, odd); });
  meter_calls(calls, 0, 2, even);
  other.join();

  const auto go_on = [] {};
  billing::Usage usage = billing::merge(even.finish(), odd.finish());
  const auto sums = billing::make_sums(billing::close(std::move(usage), go_on),
                                       billing::sum_rules_of(options), go_on);

  billing::RatingOptions rating;
  rating.prices = &prices;
  rating.append_cycle_label = [&](std::int64_t cycle, std::string& out) {
    months->append_label(cycle, out);
  };
  const billing::Rater rater(rating, sums->tasks());
  billing::StatementTotals totals;
  std::vector<billing::StatementLine> lines;
  billing::SumBlock block;
  for (const auto reader = sums->read(); reader->next(block);) {
    reader->load(block);
    totals += rater.rate(block.rows, lines);
    for (const billing::StatementLine& line : lines) {
      std::string text(line.user);
      text += ' ';
      months->append_label(line.cycle, text);
      text += ' ';
      text += sums->tasks()[line.task];
      text += ": " + std::to_string(line.calls) + " calls, " + std::to_string(line.quantity);
      text += " ms, ";
      billing::append_amount(text, line.cost, rating.rounding.scale);
      std::cout << text << "\n";
    }
  }
  std::cout << totals.calls << " calls on " << totals.lines << " lines\n";
}

void write_log(const std::string& path, const std::vector<Call>& calls) {
  std::ofstream log(path, std::ios::binary);
  for (const Call& call : calls) {
    char clock[16];
    std::snprintf(clock, sizeof(clock), "%02d:%02d", static_cast<int>(call.time_s / 60 % 60),
                  static_cast<int>(call.time_s % 60));
    log << (call.time_s < kJune ? "2025-05-01T00:" : "2025-06-01T00:") << clock << "Z " << call.user
        << ' ' << call.task << " 200 " << call.ms << "ms\n";
  }
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void bill_log(const std::string& log, const std::string& bill, unsigned threads) {
  billing::AggregateJob job;
  job.inputs = {log};
  job.output = bill;
  job.usage.cycles.policy = "calls:5";
  job.prices = price_list();
  job.threads = threads;
  billing::aggregate(job, {});
}

void expect(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(std::string("it does not hold that ") + what);
}

void run_jobs_at_once(const std::string& folder) {
  write_log(folder + "/one.log", some_calls(900));
  write_log(folder + "/two.log", some_calls(1700));
  bill_log(folder + "/one.log", folder + "/one.alone", 1);
  bill_log(folder + "/two.log", folder + "/two.alone", 2);

  std::exception_ptr failure;
  std::thread other([&] {
    try {
      bill_log(folder + "/one.log", folder + "/one.beside", 1);
    } catch (...) {
      failure = std::current_exception();
    }
  });
  bill_log(folder + "/two.log", folder + "/two.beside", 2);
  other.join();
  if (failure) std::rethrow_exception(failure);
  for (const std::string name : {"one", "two"}) {
    const std::string alone = content(folder + "/" + name + ".alone");
    expect(!alone.empty() && alone == content(folder + "/" + name + ".beside"),
           "jobs at once give the bytes of jobs one after the other");
  }
}

/// The partial of a piece of a log, as one task of several makes it.
std::string partial_of(const std::string& name, std::string_view log, std::size_t begin,
                       std::size_t end) {
  billing::UsageOptions options;
  options.cycles.policy = "calls:5";
  billing::PartialMaker maker(options);
  maker.begin_input(name, billing::InputPiece{begin, end == log.size()});
  const std::string_view piece = log.substr(begin, end - begin);
  maker.add_records({piece, log.size() - begin, begin == 0}, {}, [](const billing::Reject&) {
    throw std::runtime_error("there are no bad records");
  });
  std::string bytes;
  maker.finish([&bytes](std::string_view more) { bytes += more; });
  return bytes;
}

void merge_pieces(const std::string& folder) {
  const std::string name = folder + "/one.log";
  const std::string log = content(name);
  const std::size_t middle = log.find('\n', log.size() / 2) + 1;
  const std::string partials[] = {partial_of(name, log, 0, middle),
                                  partial_of(name, log, middle, log.size())};

  // In memory, or as objects of a store.
  std::vector<std::shared_ptr<const billing::ByteSource>> sources;
  for (const std::string& bytes : partials)
    sources.push_back(std::make_shared<billing::BytesInMemory>("a partial", bytes));
  const billing::MergedPartials merged(sources);
  expect(merged.totals().accepted == 900 && merged.warnings().empty(), "pieces add up to the log");
  sources.push_back(sources.front());
  try {
    const billing::MergedPartials twice(sources);
    expect(false, "a piece that comes twice is refused");
  } catch (const billing::Error& error) {
    expect(error.kind() == billing::ErrorKind::run, "it is the run that fails");
  }

  // Or as files.
  billing::MergeJob job;
  for (const std::string& bytes : partials) {
    job.partials.push_back(folder + "/" + std::to_string(job.partials.size()) + ".partial");
    std::ofstream(job.partials.back(), std::ios::binary) << bytes;
  }
  job.output = folder + "/one.merged";
  job.prices = price_list();
  billing::merge(job, {});
  expect(content(job.output) == content(folder + "/one.alone"), "their bill is that of the log");
}

/// Objects of a store, as far as a job is concerned: chunks of whole records, cut as the format
/// says.
class ObjectSource final : public billing::RecordSource {
 public:
  ObjectSource(std::vector<std::string> objects, std::shared_ptr<const billing::InputFormat> format)
      : objects_(std::move(objects)), format_(std::move(format)) {
    for (std::size_t i = 0; i < objects_.size(); ++i)
      names_.push_back("object " + std::to_string(i));
  }

  std::size_t input_count() const override { return objects_.size(); }
  const std::string& input_name(std::size_t input) const override { return names_[input]; }
  std::optional<std::uint64_t> size_bytes() const override { return std::nullopt; }
  std::uint64_t input_bytes(std::size_t input) const override { return objects_[input].size(); }
  bool cuts_at_lines() const override { return false; }

  bool next(billing::Chunk& chunk) override {
    constexpr std::size_t kChunkBytes = 100;
    const std::lock_guard lock(mutex_);
    while (input_ < objects_.size() && offset_bytes_ == objects_[input_].size()) {
      ++input_;
      offset_bytes_ = 0;
    }
    if (input_ == objects_.size()) return false;
    if (offset_bytes_ == 0) {
      cutter_ = billing::make_cutter(*format_, true);
      start_ = cutter_->pass({});
    }
    const std::string_view rest = std::string_view(objects_[input_]).substr(offset_bytes_);
    chunk = {};
    chunk.sequence = sequence_++;
    chunk.input = input_;
    chunk.offset_bytes = offset_bytes_;
    chunk.bytes = rest.substr(0, cutter_->first_end(rest, std::min(kChunkBytes, rest.size()) - 1));
    chunk.readable_bytes = rest.size();
    chunk.start = std::exchange(start_, cutter_->pass(chunk.bytes));
    offset_bytes_ += chunk.bytes.size();
    return true;
  }

 private:
  const std::vector<std::string> objects_;
  std::vector<std::string> names_;
  const std::shared_ptr<const billing::InputFormat> format_;
  std::mutex mutex_;  // next() is called by several threads
  std::size_t input_ = 0;
  std::size_t offset_bytes_ = 0;
  std::uint64_t sequence_ = 0;
  std::unique_ptr<billing::RecordCutter> cutter_;
  std::shared_ptr<const billing::RecordState> start_;
};

/// Tables whose notes hold what looks like records, and a record without a user.
void bill_objects(const std::string& folder) {
  billing::RecordFormat table;
  table.family = billing::FormatFamily::csv;
  table.columns = {"time", "user", "task", "points", "note"};
  table.mapping = {"time", "user", "task", "none", "points"};
  table.quantity = {"points", 1, false};
  std::string object = "time,user,task,points,note\n2025-05-01,,login,1,nobody\n";
  for (int i = 0; i < 100; ++i)
    object += "2025-05-01,ada,login,0.5,\"see\n2025-05-01,eve,login,1000,\n\"\n";

  billing::AggregateJob job;
  job.mediation.format = billing::make_input_format(table);
  job.source = std::make_shared<ObjectSource>(std::vector<std::string>{object, object},
                                              job.mediation.format);
  job.usage.quantity = table.quantity;
  job.usage.group_by = {true, false, false};
  job.prices = price_list();
  job.output = folder + "/objects";
  job.reject_limit = billing::RejectLimit{2, std::nullopt};
  job.threads = 2;
  std::vector<std::string> rejects;
  billing::JobHooks hooks;
  hooks.reject = [&rejects](const std::string& input, const billing::RejectedRecord& reject) {
    rejects.push_back(input + " line " + std::to_string(reject.line) + ": " +
                      std::string(reject.record));
  };
  billing::aggregate(job, hooks);
  expect(content(job.output) == "ada: total_quantity=100points, total_cost=0.50\n",
         "records are cut as their format says");
  expect(rejects == std::vector<std::string>{"object 0 line 2: 2025-05-01,,login,1,nobody",
                                             "object 1 line 2: 2025-05-01,,login,1,nobody"},
         "the host gets all rejects, in order");

  hooks.reject = [](const std::string&, const billing::RejectedRecord&) { throw 42; };
  job.source =
      std::make_shared<ObjectSource>(std::vector<std::string>{object}, job.mediation.format);
  try {
    billing::aggregate(job, hooks);
    expect(false, "what a hook throws ends the job");
  } catch (const int thrown) {
    expect(thrown == 42, "it passes through as it is");
  }
}

void run_in_plugin(const std::string& path, const std::string& folder) {
  void* const plugin = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (plugin == nullptr) throw std::runtime_error(dlerror());
  using BillLog = int (*)(const char*, const char*, const char*, const char*);
  const auto bill = reinterpret_cast<BillLog>(dlsym(plugin, "bill_log"));
  expect(bill != nullptr, "the plugin has bill_log");
  // Its threads stay: a plugin of threads is not closed.
  expect(bill((folder + "/one.log").c_str(), (folder + "/one.plugin").c_str(), "login", "1") == 0,
         "the plugin makes a bill");
  expect(!content(folder + "/one.plugin").empty(), "the plugin's bill is there");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    expect(argc == 3, "there are two arguments, a folder and a plugin");
    bill_calls(some_calls(3000));
    run_jobs_at_once(argv[1]);
    merge_pieces(argv[1]);
    bill_objects(argv[1]);
    run_in_plugin(argv[2], argv[1]);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "host: " << error.what() << "\n";
    return 1;
  }
}
