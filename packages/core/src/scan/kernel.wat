;; Upper bounds of the ranks of packed rows (see bounds.ts). Rows lie in blocks of 64: their codes, one signed byte a dimension, and behind
;; them 16 bytes a row: scale, residual, norm and weight as floats. Dimensions are a multiple of 16.
(module
  (memory (export "memory") 1 65536)

  ;; The bound of one row: (codes · query) scale a + residual b + norm c + weight d.
  (func $bound
    (param $codes i32) (param $stats i32) (param $dimensions i32) (param $query i32)
    (param $a f32) (param $b f32) (param $c f32) (param $d f32) (result f32)
    (local $end i32) (local $sum v128) (local $sum2 v128)
    (local.set $end (i32.add (local.get $codes) (local.get $dimensions)))
    (loop $columns
      (local.set $sum
        (i32x4.add (local.get $sum)
          (i32x4.dot_i16x8_s (v128.load8x8_s (local.get $codes)) (v128.load (local.get $query)))))
      (local.set $sum2
        (i32x4.add (local.get $sum2)
          (i32x4.dot_i16x8_s (v128.load8x8_s offset=8 (local.get $codes)) (v128.load offset=16 (local.get $query)))))
      (local.set $query (i32.add (local.get $query) (i32.const 32)))
      (br_if $columns
        (i32.lt_u (local.tee $codes (i32.add (local.get $codes) (i32.const 16))) (local.get $end))))
    (local.set $sum (i32x4.add (local.get $sum) (local.get $sum2)))
    (f32.add
      (f32.add
        (f32.mul
          (f32.mul
            (f32.convert_i32_s
              (i32.add
                (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
                (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum)))))
            (f32.load (local.get $stats)))
          (local.get $a))
        (f32.mul (f32.load offset=4 (local.get $stats)) (local.get $b)))
      (f32.add
        (f32.mul (f32.load offset=8 (local.get $stats)) (local.get $c))
        (f32.mul (f32.load offset=12 (local.get $stats)) (local.get $d)))))

  ;; Every row of some blocks, from $block on: a bound for each row, and the highest of each block.
  (func (export "scan")
    (param $block i32) (param $blocks i32) (param $dimensions i32) (param $query i32)
    (param $bounds i32) (param $highest i32) (param $a f32) (param $b f32) (param $c f32) (param $d f32)
    (local $codes i32) (local $stats i32) (local $end i32) (local $bound f32) (local $most f32)
    (loop $each
      (local.set $codes (local.get $block))
      (local.set $stats (i32.add (local.get $block) (i32.shl (local.get $dimensions) (i32.const 6))))
      (local.set $end (local.get $stats))
      (local.set $most (f32.const -inf))
      (loop $rows
        (local.set $bound
          (call $bound (local.get $codes) (local.get $stats) (local.get $dimensions) (local.get $query)
            (local.get $a) (local.get $b) (local.get $c) (local.get $d)))
        (f32.store (local.get $bounds) (local.get $bound))
        (local.set $most (f32.max (local.get $most) (local.get $bound)))
        (local.set $bounds (i32.add (local.get $bounds) (i32.const 4)))
        (local.set $stats (i32.add (local.get $stats) (i32.const 16)))
        (br_if $rows
          (i32.lt_u
            (local.tee $codes (i32.add (local.get $codes) (local.get $dimensions)))
            (local.get $end))))
      (f32.store (local.get $highest) (local.get $most))
      (local.set $highest (i32.add (local.get $highest) (i32.const 4)))
      (local.set $block (local.get $stats))
      (br_if $each (local.tee $blocks (i32.sub (local.get $blocks) (i32.const 1))))))

  ;; Single rows, by their numbers; $block is where row 0 begins.
  (func (export "pick")
    (param $block i32) (param $rows i32) (param $count i32) (param $dimensions i32) (param $query i32)
    (param $bounds i32) (param $a f32) (param $b f32) (param $c f32) (param $d f32)
    (local $row i32) (local $at i32) (local $bytes i32)
    (local.set $bytes (i32.shl (i32.add (local.get $dimensions) (i32.const 16)) (i32.const 6)))
    (loop $each
      (local.set $row (i32.load (local.get $rows)))
      (local.set $at
        (i32.add (local.get $block) (i32.mul (i32.shr_u (local.get $row) (i32.const 6)) (local.get $bytes))))
      (local.set $row (i32.and (local.get $row) (i32.const 63)))
      (f32.store (local.get $bounds)
        (call $bound
          (i32.add (local.get $at) (i32.mul (local.get $row) (local.get $dimensions)))
          (i32.add
            (i32.add (local.get $at) (i32.shl (local.get $dimensions) (i32.const 6)))
            (i32.shl (local.get $row) (i32.const 4)))
          (local.get $dimensions) (local.get $query)
          (local.get $a) (local.get $b) (local.get $c) (local.get $d)))
      (local.set $bounds (i32.add (local.get $bounds) (i32.const 4)))
      (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
      (br_if $each (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))))
