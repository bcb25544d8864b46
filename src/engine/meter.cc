// Batches -> sums beside names or in a grid, or records in partitions: a flat list of short loops
// over a slice of the batch.

#include "billing/meter.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/combiner.h"
#include "engine/cycle_index.h"
#include "engine/meter_memory.h"
#include "engine/name_sums.h"
#include "engine/packed_sum.h"
#include "engine/periods.h"
#include "engine/recent_names.h"
#include "engine/sum_grid.h"
#include "engine/sum_places.h"
#include "engine/usage_parts.h"

namespace billing {
namespace {

/// Events between a prefetch and the use of what it fetched: enough to hide the latency of memory,
/// few enough to stay in the L1 cache.
constexpr std::size_t kSlice = 256;

/// Records count as few where names, with the sums beside them, take this many times their memory.
constexpr std::size_t kRecordsAreFew = 8;

/// The partition of a nameless user's sums: spreads cycles, so that closing has work for all
/// threads.
std::uint32_t partition_of_cycle(std::int64_t cycle, unsigned partition_bits) {
  const std::uint64_t hash = static_cast<std::uint64_t>(cycle) * 0x9E3779B97F4A7C15;
  return static_cast<std::uint32_t>((hash >> 1) >> (63 - partition_bits));
}

/// Throws unless both are copies of the same options: sums are added up place by place.
void check_same_run(const MeterOptions& a, const MeterOptions& b) {
  const bool same = a.first_keys == b.first_keys && a.key == b.key && a.cycles == b.cycles &&
                    a.partition_bits == b.partition_bits && a.knobs == b.knobs;
  if (!same)
    throw std::invalid_argument("usage of meters whose options are not copies of each other");
}

/// What a host asks of an object that is spent must not become a wrong bill.
template <class Inside>
Inside& alive(const std::unique_ptr<Inside>& inside, const char* what) {
  if (!inside) throw std::logic_error(std::string(what) + " that is spent or was moved from");
  return *inside;
}

constexpr const char* kMeter = "a meter";

}  // namespace

class Meter::State {
 public:
  explicit State(const MeterOptions& options)
      : options_(options),
        keeps_events_(keeps_events(options)),
        keeps_users_(keeps_users(options)),
        has_wide_records_(has_wide_records(options)),
        usage_(std::make_unique<MeterUsage>(options)),
        places_(*options_.first_keys, usage_->tasks),
        periods_(*options.cycles, options.key),
        cycle_index_(options.key.parts() > 1 ? static_cast<const CyclePolicy&>(periods_)
                                             : *options.cycles) {}

  void add(const EventBatch& batch) {
    for (std::size_t begin = 0; begin < batch.size; begin += kSlice) {
      const std::size_t end = std::min(begin + kSlice, batch.size);
      intern_tasks(batch, begin, end);
      if (keeps_users_) intern_users({batch.user.data() + begin, end - begin});
      if (keeps_events_) {
        add_events(batch, begin, end);
      } else if (usage_->has_name_sums && !has_periods(options_)) {
        add_to_name_sums<false>(batch, begin, end);
      } else if (usage_->has_name_sums && trial_.is_useful()) {
        find_cycles(batch, begin, end);
        add_to_name_sums<true>(batch, begin, end);
        if (!trial_.is_useful() && trial_.is_first()) leave_name_sums();
      } else {
        find_cycles(batch, begin, end);
        add_to_sums(batch, begin, end);
      }
    }
  }

  void add(MeterUsage& more) {
    std::vector<std::uint32_t> task_of(more.tasks.size());
    for (std::uint32_t task = 0; task < task_of.size(); ++task) {
      const std::string_view name = more.tasks.name(task).text();
      task_of[task] = number_of_task(name, hash_name(name), NameRef());
    }
    const std::vector<std::uint32_t> user_of = add_users(more);
    for (std::uint32_t p = 0; p < more.partitions.size(); ++p) {
      const auto user_at = [&](std::uint32_t number) {
        return UserRef{nullptr, keeps_users_ ? user_of[number] : 0, p};
      };
      more.partitions[p].compact.for_each([&](const CompactRecord& r) {
        append(user_at(r.user()), r.when(), r.extra(), r.quantity(), task_of[r.task()]);
      });
      more.partitions[p].wide.for_each([&](const WideRecord& r) {
        const UserRef user = user_at(r.user);
        append_wide(user, {r.when, r.extra, r.quantity, task_of[r.task], user.number});
      });
    }
  }

  const MeterOptions& options() const { return options_; }

  bool keeps_sums_in_place() const {
    if (!usage_->has_name_sums) return false;
    std::size_t records_bytes = 0;
    for (const PartitionRecords& records : usage_->partitions)
      records_bytes += records.memory_bytes();
    return records_bytes <= usage_->users.memory_bytes() / kRecordsAreFew;
  }

  std::size_t memory_bytes() const { return planned_bytes(*usage_, options_); }
  std::size_t task_bytes() const { return planned_task_bytes(*usage_); }

  Usage finish() {
    drain_grid();
    drain_combiner();
    auto parts = std::make_unique<Usage::Parts>();
    parts->options = options_;
    parts->meters.push_back(std::move(usage_));
    return Usage(std::move(parts));
  }

 private:
  /// A user, and the partition that its records go to.
  struct UserRef {
    Name* name;  ///< null for the nameless one, and where it is not needed
    std::uint32_t number;
    std::uint32_t partition;
  };

  void intern_tasks(const EventBatch& batch, std::size_t begin, std::size_t end) {
    std::array<std::uint32_t, kSlice> unknown;
    std::size_t unknown_count = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const std::string_view task = batch.task[i];
      const std::uint32_t number = recent_tasks_.find(task, head_of(task));
      tasks_[i - begin] = number;
      if (number == RecentNames::kUnknown) [[unlikely]]
        unknown[unknown_count++] = static_cast<std::uint32_t>(i - begin);
    }
    if (unknown_count > 0)
      number_tasks(batch.task.data() + begin, std::span(unknown).first(unknown_count));
  }

  /// The numbers of those of a slice's tasks that are `wanted`.
  void number_tasks(const std::string_view* tasks, std::span<const std::uint32_t> wanted) {
    std::array<HashedName, kSlice> names;
    std::array<NameRef, kSlice> found;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      names[i] = hash_name(tasks[wanted[i]]);
      usage_->tasks.prefetch_bucket(names[i].hash);
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) found[i] = usage_->tasks.find(names[i].hash);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const std::string_view task = tasks[wanted[i]];
      const std::uint32_t number = number_of_task(task, names[i], found[i]);
      tasks_[wanted[i]] = number;
      recent_tasks_.remember(usage_->tasks.name(number).text(), head_of(task), number);
    }
  }

  std::uint32_t number_of_task(std::string_view task, const HashedName& hashed, NameRef found) {
    if (found.name != nullptr && NameTable::is_same(*found.name, task, hashed)) return found.number;
    return usage_->tasks.intern(task, hashed).number;
  }

  void intern_users(std::span<const std::string_view> users) {
    NameTable& table = usage_->users;
    std::array<HashedName, kSlice> names;
    std::array<NameRef, kSlice> found;
    for (std::size_t i = 0; i < users.size(); ++i) {
      names[i] = hash_name(users[i]);
      table.prefetch_bucket(names[i].hash);
    }
    for (std::size_t i = 0; i < users.size(); ++i) found[i] = table.find(names[i].hash);
    for (std::size_t i = 0; i < users.size(); ++i) {
      const NameRef user = table.intern(users[i], names[i], found[i]);
      users_[i] = {user.name, user.number, table.partition_of(names[i].hash)};
    }
  }

  /// Takes in names, and the sums that stand beside them. Returns what they are numbered here.
  std::vector<std::uint32_t> add_users(MeterUsage& from) {
    NameTable& more = from.users;
    std::vector<std::uint32_t> number_of(more.size());
    std::array<std::string_view, kSlice> names;
    for (std::uint32_t begin = 0; begin < more.size(); begin += kSlice) {
      const std::uint32_t size = std::min<std::uint32_t>(kSlice, more.size() - begin);
      for (std::uint32_t i = 0; i < size; ++i) names[i] = more.name(begin + i).text();
      intern_users({names.data(), size});
      for (std::uint32_t i = 0; i < size; ++i) {
        number_of[begin + i] = users_[i].number;
        if (from.has_name_sums) add_name_sums(users_[i], more.name(begin + i));
      }
    }
    return number_of;
  }

  /// All meters of a run place the keys alike.
  void add_name_sums(UserRef user, const Name& from) {
    for (std::uint32_t place = 0; place < NameSums::kPlaces; ++place) {
      std::uint64_t sum = NameSums::beside(from).sums[place];
      if (usage_->has_name_sums && sum != 0)
        sum = PackedSum::add(NameSums::beside(*user.name).sums[place], sum);
      if (sum != 0) append_placed(user, sum, place);
    }
  }

  /// A sum for which there is no room beside the name.
  void append_placed(UserRef user, std::uint64_t sum, std::uint32_t place) {
    const SumKey key = options_.first_keys->keys()[place];
    const std::uint32_t task = number_of_task(key.task, hash_name(key.task), NameRef());
    append(user, key.cycle, PackedSum::calls_of(sum), PackedSum::quantity_of(sum), task);
  }

  void find_cycles(const EventBatch& batch, std::size_t begin, std::size_t end) {
    if (!has_periods(options_)) return;  // there is but one
    for (std::size_t i = begin; i < end; ++i)
      cycles_[i - begin] = cycle_index_.cycle_of(batch.time_ns[i]);
  }

  void add_events(const EventBatch& batch, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::int64_t time_ns = batch.time_ns[i];
      const std::int64_t time_s = time_ns / kEventTimeUnitNs;
      const UserRef user = users_[i - begin];
      const std::uint32_t task = tasks_[i - begin];
      if (time_s * kEventTimeUnitNs == time_ns) {
        append(user, time_s, batch.status[i], batch.quantity[i], task);
      } else {
        append_wide(user, {time_ns, batch.status[i], batch.quantity[i], task, user.number});
      }
    }
  }

  void add_to_sums(const EventBatch& batch, std::size_t begin, std::size_t end) {
    if (!keeps_users_) {
      for (std::size_t i = 0; i < end - begin; ++i)
        users_[i] = {nullptr, 0, partition_of_cycle(cycles_[i], options_.partition_bits)};
    }
    if (keeps_users_ && grid_.useful()) return add_to_grid(batch, begin, end);
    if (combiner_.useful()) {
      for (std::size_t i = 0; i < end - begin; ++i)
        combiner_.prefetch_sum(combiner_key(users_[i]), cycles_[i], tasks_[i]);
    }
    for (std::size_t i = begin; i < end; ++i)
      add_sum(users_[i - begin], cycles_[i - begin], batch.quantity[i], tasks_[i - begin]);
  }

  /// Takes the sums of the grid.
  auto append_from_grid() {
    return [this](std::uint32_t user, std::int64_t cycle, std::uint32_t task, std::uint64_t sum) {
      append({nullptr, user, usage_->users.partition_of_number(user)}, cycle,
             PackedSum::calls_of(sum), PackedSum::quantity_of(sum), task);
    };
  }

  void add_to_grid(const EventBatch& batch, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const UserRef user = users_[i - begin];
      const std::int64_t cycle = cycles_[i - begin];
      const std::uint32_t task = tasks_[i - begin];
      const std::int64_t quantity = batch.quantity[i];
      std::uint64_t* const cell =
          PackedSum::fits(quantity) ? grid_.cell(user.number, cycle, task) : nullptr;
      if (cell == nullptr) {
        add_sum(user, cycle, quantity, task);
      } else if (const std::uint64_t full = PackedSum::add(*cell, PackedSum::sum_of(1, quantity)))
          [[unlikely]] {
        append(user, cycle, PackedSum::calls_of(full), PackedSum::quantity_of(full), task);
      }
    }
    if (grid_.wants_room()) grid_.make_room(append_from_grid());
  }

  void drain_grid() { grid_.drain(append_from_grid()); }

  template <bool kByCycle>
  void add_to_name_sums(const EventBatch& batch, std::size_t begin, std::size_t end) {
    std::size_t misses = 0;
    KeyPlaces::CyclePlaces* places = &places_.of_cycle(kByCycle ? cycles_[0] : 0);
    for (std::size_t i = begin; i < end; ++i) {
      if constexpr (kByCycle) places = &places_.of_cycle(cycles_[i - begin]);
      const UserRef user = users_[i - begin];
      const std::uint32_t task = tasks_[i - begin];
      const std::int64_t quantity = batch.quantity[i];
      std::uint32_t place = places->place_of(task);
      if (place == KeyPlaces::kUnknown) [[unlikely]]
        place = places_.ask(*places, task);
      const std::int64_t cycle = kByCycle ? cycles_[i - begin] : 0;
      if (place == KeyPlaces::kNone || !PackedSum::fits(quantity)) [[unlikely]] {
        add_sum(user, cycle, quantity, task);
        ++misses;
        continue;
      }
      std::uint64_t& sum = NameSums::beside(*user.name).sums[place];
      if (const std::uint64_t full = PackedSum::add(sum, PackedSum::sum_of(1, quantity)))
          [[unlikely]] {
        append(user, cycle, PackedSum::calls_of(full), PackedSum::quantity_of(full), task);
      }
    }
    if (kByCycle) trial_.add(end - begin, misses);
  }

  /// Before many users are there: their rows become as small as names are.
  void leave_name_sums() {
    usage_->move_name_sums(*options_.first_keys);
    NameTable users(options_.partition_bits);
    for (std::uint32_t user = 0; user < usage_->users.size(); ++user) {
      const std::string_view name = usage_->users.name(user).text();
      users.intern(name, hash_name(name));  // in their order: numbers stay
    }
    usage_->users = std::move(users);
  }

  /// Adds a call to what the combiner holds, or keeps it as it is.
  void add_sum(UserRef user, std::int64_t cycle, std::int64_t quantity, std::uint32_t task) {
    while (combiner_.useful()) {
      if (combiner_.add(combiner_key(user), cycle, task, quantity)) return;
      drain_combiner();
    }
    append(user, cycle, 1, quantity, task);
  }

  std::uint32_t combiner_key(UserRef user) const {
    return keeps_users_ ? user.number : user.partition;
  }

  void drain_combiner() {
    combiner_.drain([this](const CombinedSum& sum) {
      const UserRef user =
          keeps_users_ ? UserRef{nullptr, sum.user, usage_->users.partition_of_number(sum.user)}
                       : UserRef{nullptr, 0, sum.user};
      append(user, sum.when, sum.calls, sum.quantity, sum.task);
    });
  }

  void append(UserRef user, std::int64_t when, std::uint64_t extra, std::int64_t quantity,
              std::uint32_t task) {
    const std::int64_t when_unit = keeps_events_ ? kEventTimeUnitNs : 1;
    if (has_wide_records_) {
      append_wide(user, {when * when_unit, extra, quantity, task, user.number});
    } else {
      usage_->append(user.number, user.partition, when, extra, quantity, task, when_unit);
    }
  }

  void append_wide(UserRef user, const WideRecord& record) {
    usage_->partitions[user.partition].wide.append(record, usage_->pages);
  }

  MeterOptions options_;
  bool keeps_events_;
  bool keeps_users_;
  bool has_wide_records_;
  std::unique_ptr<MeterUsage> usage_;
  RecentNames recent_tasks_;
  KeyPlaces places_;  // of sums beside names
  NameSumsTrial trial_;
  Periods periods_;
  CycleIndex cycle_index_;
  SumGrid grid_;
  Combiner combiner_;

  // Columns of the slice at hand.
  std::array<UserRef, kSlice> users_;
  std::array<std::uint32_t, kSlice> tasks_;
  std::array<std::int64_t, kSlice> cycles_{};  // or periods; 0 where there is one
};

Meter::Meter(const MeterOptions& options) : state_(std::make_unique<State>(options)) {}
Meter::Meter(Meter&&) noexcept = default;
Meter& Meter::operator=(Meter&&) noexcept = default;
Meter::~Meter() = default;

void Meter::add(const EventBatch& batch) {
  assert((validate(batch), true));
  alive(state_, kMeter).add(batch);
}
void Meter::add(Usage usage) {
  State& state = alive(state_, kMeter);
  const auto parts = usage.take();
  check_same_run(state.options(), parts->options);
  for (const auto& meter : parts->meters) state.add(*meter);
}
bool Meter::keeps_sums_in_place() const { return alive(state_, kMeter).keeps_sums_in_place(); }
std::size_t Meter::memory_bytes() const { return alive(state_, kMeter).memory_bytes(); }
std::size_t Meter::task_bytes() const { return alive(state_, kMeter).task_bytes(); }
Usage Meter::finish() {
  const std::unique_ptr<State> spent = std::move(state_);
  return alive(spent, kMeter).finish();
}

Usage::Usage(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Usage::Usage(Usage&&) noexcept = default;
Usage& Usage::operator=(Usage&&) noexcept = default;
Usage::~Usage() = default;

std::unique_ptr<Usage::Parts> Usage::take() {
  alive(parts_, "usage");
  return std::move(parts_);
}

Usage merge(Usage a, Usage b) {
  auto parts = a.take();
  const auto more = b.take();
  check_same_run(parts->options, more->options);
  for (auto& meter : more->meters) parts->meters.push_back(std::move(meter));
  return Usage(std::move(parts));
}

}  // namespace billing
