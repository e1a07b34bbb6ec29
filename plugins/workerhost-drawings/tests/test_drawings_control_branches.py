from drawings_control import assert_written


def test_steps_that_follow_each_other_stand_below_each_other() -> None:
    assert_written(
        """
        a > b
        b > c
        c > -
        ----
        a
        b
        c
        """
    )


def test_branches_that_meet_again_go_on_behind_the_if() -> None:
    assert_written(
        """
        c ? a : b
        a > m
        b > m
        m > -
        ----
        if c:
            a
        else:
            b
        m
        """
    )


def test_an_arm_without_steps_has_no_else() -> None:
    assert_written(
        """
        c ? a : m
        a > m
        m > -
        ----
        if c:
            a
        m
        """
    )


def test_an_arm_without_steps_before_the_meeting_point_negates_the_test() -> None:
    assert_written(
        """
        c ? m : a
        a > m
        m > -
        ----
        if not c:
            a
        m
        """
    )


def test_several_cases_become_elif() -> None:
    assert_written(
        """
        c ? a ? b : d
        a > m
        b > m
        d > m
        m !
        ----
        if c:
            a
        elif c_1:
            b
        else:
            d
        return m
        """
    )


def test_cases_in_a_row_that_lead_to_one_step_are_one_test() -> None:
    assert_written(
        """
        c ? a ? a : b
        a > b
        b > -
        ----
        if c or c_1:
            a
        b
        """
    )


def test_a_branch_in_a_branch_stands_within_it() -> None:
    assert_written(
        """
        c ? d : m
        d ? a : b
        a > n
        b > n
        n > m
        m > -
        ----
        if c:
            if d:
                a
            else:
                b
            n
        m
        """
    )


def test_an_arm_that_ends_the_run_is_no_reason_to_indent_the_other() -> None:
    assert_written(
        """
        c ? a : b
        a !
        b > e
        e !
        ----
        if c:
            return a
        b
        return e
        """
    )


def test_a_long_arm_is_not_indented_where_the_other_ends_the_flow() -> None:
    assert_written(
        """
        c ? a : r
        r > -
        a > d
        d ? e : f
        e > g
        f > g
        g > h
        h > -
        ----
        if not c:
            r
            return
        a
        if d:
            e
        else:
            f
        g
        h
        """
    )


def test_a_step_that_two_branches_lead_to_is_written_once() -> None:
    assert_written(
        """
        x ? a : f
        a ? t : f
        t > m
        f > m
        m > -
        ----
        skip_to = None
        if x:
            if a:
                t
                skip_to = 'm'
        if skip_to is None:
            f
        m
        """
    )


def test_a_shared_end_needs_no_variable() -> None:
    assert_written(
        """
        x ? a : f
        a ? t : f
        t !
        f !
        ----
        if x:
            if a:
                return t
        return f
        """
    )


def test_cases_that_run_into_the_next_ones_pass_over_what_they_must() -> None:
    assert_written(
        """
        s ? a ? b ? c : d
        a > b
        b > c
        c > d
        d > -
        ----
        skip_to = None
        if s:
            a
        elif s_1:
            pass
        elif s_2:
            skip_to = 'c'
        else:
            skip_to = 'd'
        if skip_to is None:
            b
        if skip_to in (None, 'c'):
            skip_to = None
            c
        d
        """
    )
