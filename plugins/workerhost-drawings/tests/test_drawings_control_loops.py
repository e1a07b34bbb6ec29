from drawings_control import Names, assert_written


def test_a_cycle_behind_a_test_is_a_while() -> None:
    assert_written(
        """
        p > h
        h ? b : d
        b > h
        d > -
        ----
        p
        while h:
            b
        d
        """
    )


def test_a_cycle_that_goes_on_where_the_test_is_not_so_negates_it() -> None:
    assert_written(
        """
        h ? d : b
        b > h
        d > -
        ----
        while not h:
            b
        d
        """
    )


def test_a_cycle_with_the_test_at_its_end_breaks() -> None:
    assert_written(
        """
        p > b
        b > h
        h ? p : d
        d > -
        ----
        while True:
            p
            b
            if not h:
                break
        d
        """
    )


def test_a_cycle_whose_test_has_statements_breaks() -> None:
    assert_written(
        """
        h ? b : d
        b > h
        d > -
        ----
        while True:
            h
            if not h:
                break
            b
        d
        """,
        Names(bare=False),
    )


def test_a_cycle_without_a_test_goes_round_for_ever() -> None:
    assert_written(
        """
        a > b
        b > a
        ----
        while True:
            a
            b
        """
    )


def test_branches_in_a_cycle_that_lead_back_run_out_or_continue() -> None:
    assert_written(
        """
        h ? b : d
        b > c
        c ? e : h
        e > f
        f ? g : h
        g > i
        i > j
        j > k
        k > h
        d > -
        ----
        while h:
            b
            if not c:
                continue
            e
            if f:
                g
                i
                j
                k
        d
        """
    )


def test_a_second_way_out_of_a_cycle_that_ends_the_run_stays_in_it() -> None:
    assert_written(
        """
        h ? b : d
        b > c
        c ? f : h
        f > g
        g !
        d > e
        e > -
        ----
        while h:
            b
            if c:
                f
                return g
        d
        e
        """
    )


def test_two_ways_out_of_a_cycle_that_meet_again_are_two_arms_behind_it() -> None:
    assert_written(
        """
        h ? b : d
        b > c
        c ? f : h
        f > m
        d > m
        m > -
        ----
        skip_to = None
        while h:
            b
            if c:
                skip_to = 'f'
                break
        if skip_to is None:
            d
        else:
            skip_to = None
            f
        m
        """
    )


def test_an_inner_cycle_can_go_on_with_the_outer_one() -> None:
    assert_written(
        """
        o ? i : z
        i ? k : p
        k ? o : i
        p > o
        z > -
        ----
        skip_to = None
        while o:
            while i:
                if k:
                    skip_to = 'o'
                    break
            if skip_to is not None:
                skip_to = None
                continue
            p
        z
        """
    )


def test_an_inner_cycle_can_leave_the_outer_one() -> None:
    assert_written(
        """
        o ? i : z
        i ? k : p
        k ? q : i
        q > z
        p > o
        z > -
        ----
        skip_to = None
        while o:
            while i:
                if k:
                    skip_to = 'q'
                    break
            if skip_to is not None:
                break
            p
        if skip_to == 'q':
            skip_to = None
            q
        z
        """
    )


def test_an_inner_cycle_can_only_leave_to_the_outer_one() -> None:
    assert_written(
        """
        o > i
        i > k
        k ? o : l
        l ? i : z
        z > -
        ----
        skip_to = None
        while True:
            o
            while True:
                i
                if k:
                    break
                if not l:
                    skip_to = 'z'
                    break
            if skip_to is not None:
                break
        z
        """
    )


def test_a_block_that_nothing_can_end_passes_over_its_rest() -> None:
    assert_written(
        """
        h ? b : d
        b ? h : c
        c ? - : e
        e > h
        d > -
        ----
        skip_to = None
        while h:
            if not b:
                if c:
                    skip_to = 'end'
                    break
                e
        if skip_to is None:
            d
        """,
        Names(ends=False),
    )
