#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace airouter {

// Bounds the bytes that are held at one time in all. Thread-safe; must outlive its shares.
class ByteBudget {
 public:
  // What one holder has taken; gives it back when destroyed. Used by one thread.
  class Share {
   public:
    Share() = default;
    explicit Share(ByteBudget& budget) noexcept : budget_(&budget) {}
    Share(Share&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
    Share& operator=(Share&& other) noexcept {
      if (this != &other) {
        release();
        budget_ = std::exchange(other.budget_, nullptr);
        bytes_ = std::exchange(other.bytes_, 0);
      }
      return *this;
    }
    ~Share() { release(); }

    // Takes up to `bytes` in all. False: the budget is spent, nothing changed.
    bool grow_to(std::size_t bytes) noexcept {
      if (bytes <= bytes_) return true;
      const std::size_t more = bytes - bytes_;
      if (budget_ != nullptr &&
          budget_->used_.fetch_add(more, std::memory_order_relaxed) + more > budget_->max_) {
        budget_->used_.fetch_sub(more, std::memory_order_relaxed);
        return false;
      }
      bytes_ = bytes;
      return true;
    }

    // Takes or gives back. False: the budget is spent, nothing changed.
    bool resize(std::size_t bytes) noexcept {
      if (bytes > bytes_) return grow_to(bytes);
      if (budget_ != nullptr) budget_->used_.fetch_sub(bytes_ - bytes, std::memory_order_relaxed);
      bytes_ = bytes;
      return true;
    }

    void release() noexcept {
      if (budget_ != nullptr) budget_->used_.fetch_sub(bytes_, std::memory_order_relaxed);
      bytes_ = 0;
    }

   private:
    ByteBudget* budget_ = nullptr;  // null: unbounded
    std::size_t bytes_ = 0;
  };

  explicit ByteBudget(std::size_t bytes_max) noexcept : max_(bytes_max) {}
  std::size_t used() const noexcept { return used_.load(std::memory_order_relaxed); }

 private:
  const std::size_t max_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace airouter
