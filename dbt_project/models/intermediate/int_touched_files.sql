-- One row per sheet that brought a version of a key which a batch touches that is not published yet.
select distinct versions.file_id
from {{ ref('stg_trustee_performance') }} as versions
inner join {{ ref('int_touched_keys') }} as touched
    on
        versions.report_date = touched.report_date
        and versions.plan_code = touched.plan_code
        and versions.company_code = touched.company_code
